metadata description = 'Logs, traces and metrics, without an instrumentation key that would let anybody write.'

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the Application Insights component.')
param insightsName string

@description('How many days logs are kept.')
param retentionDays int

@description('Where both are put.')
param location string

@description('Set on every resource.')
param tags object

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

@description('What the alerts ask.')
output workspaceId string = workspace.id

@description('For the function app and for role assignments.')
output insightsName string = insights.name
