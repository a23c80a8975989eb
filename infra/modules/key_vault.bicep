metadata description = 'Partner credentials and one-time passwords; access by role only.'

@description('Name of the vault: 3 to 24 letters, digits and hyphens.')
@minLength(3)
@maxLength(24)
param name string

@description('Where it is put.')
param location string

@description('Set on every resource.')
param tags object

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Passwords that were handed out shall not be restorable for longer than the service asks.
    softDeleteRetentionInDays: 7
    enablePurgeProtection: true
  }
}

@description('For role assignments.')
output name string = vault.name

@description('For the app\'s settings.')
output url string = vault.properties.vaultUri
