targetScope = 'resourceGroup'

metadata name = 'Seatkeeper'
metadata description = 'Everything that the function app stands on, in one resource group.'

// Parameters

@description('Begins every name: lower-case letters and digits.')
@minLength(3)
@maxLength(12)
param name string

@description('Where everything is put; Flex Consumption has to be offered there.')
param location string = resourceGroup().location

@description('The audience that callers\' access tokens must be issued for: the application (client) id of the API\'s app registration.')
param apiAudience string

@description('The Entra tenant whose tokens are let in.')
param apiTenantId string = tenant().tenantId

@description('When the nightly run starts: NCRONTAB with seconds, in UTC.')
param nightlySchedule string = '0 0 2 * * *'

@description('PEM of the certificates that the signatures of Partner Center\'s events must lead to; empty: every event is refused.')
param webhookAnchors string = ''

@description('Who is told when an alert fires.')
param alertEmail string

@description('How many instances one group of functions may have at most.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Memory of one instance.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('How many days logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Set on every resource.')
param tags object = {}

// Names

var suffix = take(uniqueString(resourceGroup().id, name), 8)
var names = {
  identity: 'id-${name}'
  storage: 'st${name}${suffix}'
  keyVault: 'kv-${name}-${suffix}'
  workspace: 'log-${name}'
  insights: 'appi-${name}'
  plan: 'plan-${name}'
  functionApp: 'func-${name}-${suffix}'
  actionGroup: 'ag-${name}'
}

// Modules

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: { name: names.identity, location: location, tags: tags }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: { name: names.storage, location: location, tags: tags }
}

module keyVault 'modules/key_vault.bicep' = {
  name: 'key_vault'
  params: { name: names.keyVault, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    retentionDays: logRetentionDays
    location: location
    tags: tags
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  params: {
    principalId: identity.outputs.principalId
    storageName: storage.outputs.name
    keyVaultName: keyVault.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module functionApp 'modules/function_app.bicep' = {
  name: 'function_app'
  params: {
    names: {
      app: names.functionApp
      plan: names.plan
      identity: identity.outputs.name
      storage: storage.outputs.name
      insights: monitoring.outputs.insightsName
    }
    deploymentContainer: storage.outputs.deploymentContainer
    batchContainer: storage.outputs.batchContainer
    keyVaultUrl: keyVault.outputs.url
    callers: { audience: apiAudience, tenantId: apiTenantId }
    webhookAnchors: webhookAnchors
    nightlySchedule: nightlySchedule
    scale: { maximumInstanceCount: maximumInstanceCount, instanceMemoryMB: instanceMemoryMB }
    location: location
    tags: tags
  }
  // A host that starts before its roles are there cannot reach its storage.
  dependsOn: [
    roles
  ]
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    actionGroupName: names.actionGroup
    email: alertEmail
    workspaceId: monitoring.outputs.workspaceId
    location: location
    tags: tags
  }
}

// Outputs

@description('Where the code is deployed to.')
output functionAppName string = functionApp.outputs.name

@description('Where the API answers.')
output apiUrl string = 'https://${functionApp.outputs.hostName}/api'

@description('The app\'s own identity, for grants outside of this resource group.')
output identityPrincipalId string = identity.outputs.principalId
