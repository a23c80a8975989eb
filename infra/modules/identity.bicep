metadata description = 'Who the function app is: towards storage, Key Vault and Application Insights.'

@description('Name of the user-assigned identity.')
param name string

@description('Where it is put.')
param location string

@description('Set on every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

@description('For the function app.')
output name string = identity.name

@description('For role assignments.')
output principalId string = identity.properties.principalId
