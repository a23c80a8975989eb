metadata description = 'The function app on Flex Consumption; its settings are those of shared/settings.py.'

@description('Name of the function app; its host name is made of it.')
param name string

@description('Name of the Flex Consumption plan.')
param planName string

@description('The user-assigned identity that the app acts as.')
param identityName string

@description('The storage account of state, work and deployment.')
param storageName string

@description('The container that One Deploy puts the package in.')
param deploymentContainer string

@description('Address of the vault.')
param keyVaultUrl string

@description('The Application Insights component.')
param insightsName string

@description('Audience of callers\' access tokens.')
param apiAudience string

@description('Tenant of callers\' access tokens.')
param apiTenantId string

@description('NCRONTAB of the nightly run, in UTC.')
param nightlySchedule string

@description('How many instances one group of functions may have at most.')
param maximumInstanceCount int

@description('Memory of one instance.')
param instanceMemoryMB int

@description('Where it is put.')
param location string

@description('Set on every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = { name: identityName }

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = { name: storageName }

resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: insightsName }

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
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
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
      }
      runtime: { name: 'python', version: '3.12' }
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    API_AUDIENCE: apiAudience
    API_TENANT_ID: apiTenantId
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
    KEY_VAULT_URL: keyVaultUrl
    NIGHTLY_SCHEDULE: nightlySchedule
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
