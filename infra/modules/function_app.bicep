metadata description = 'The function app on Flex Consumption; its settings are those of shared/settings.py.'

@description('Names: of the app and its plan, and of what is there already.')
param names { app: string, plan: string, identity: string, storage: string, insights: string }

@description('The container that One Deploy puts the package in.')
param deploymentContainer string

@description('The container with the batch documents that a queue drop may name.')
param batchContainer string

@description('Address of the vault.')
param keyVaultUrl string

@description('Whose access tokens are let in: their audience and their tenant.')
param callers { audience: string, tenantId: string }

@description('PEM of the certificates that the signatures of Partner Center\'s events must lead to; empty: every event is refused.')
param webhookAnchors string

@description('NCRONTAB of the nightly run, in UTC.')
param nightlySchedule string

@description('How many instances one group of functions may have at most, and their memory.')
param scale { maximumInstanceCount: int, instanceMemoryMB: int }

@description('Where it is put.')
param location string

@description('Set on every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = { name: names.identity }
resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = { name: names.storage }
resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: names.insights }

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: names.plan
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: names.app
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: { minTlsVersion: '1.2', ftpsState: 'Disabled' }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      scaleAndConcurrency: scale
      runtime: { name: 'python', version: '3.12' }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    API_AUDIENCE: callers.audience
    API_TENANT_ID: callers.tenantId
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    // The Azure SDK in the app takes this identity; the platform's own half takes the one below.
    AZURE_CLIENT_ID: identity.properties.clientId
    AzureWebJobsStorage__accountName: storage.name
    AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
    AzureWebJobsStorage__clientId: identity.properties.clientId
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
    AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
    BATCH_CONTAINER: batchContainer
    KEY_VAULT_URL: keyVaultUrl
    NIGHTLY_SCHEDULE: nightlySchedule
    // Where a person comes back to after signing in for a connection.
    PUBLIC_URL: 'https://${app.properties.defaultHostName}'
    WEBHOOK_ANCHORS: webhookAnchors
  }
}

resource noPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = [
  for door in ['ftp', 'scm']: {
    parent: app
    name: door
    properties: { allow: false }
  }
]

@description('Where the code is deployed to.')
output name string = app.name

@description('Where it answers.')
output hostName string = app.properties.defaultHostName
