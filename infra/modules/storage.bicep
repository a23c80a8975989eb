metadata description = 'State in tables, work in queues, the deployed package and dropped batches in containers; no account keys.'

@description('Name of the storage account: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('Where it is put.')
param location string

@description('Set on every resource.')
param tags object

var deploymentContainerName = 'deployment'
var batchContainerName = 'batch-drops'

// The app makes what is missing; listed here, they are there before the first request.
var tableNames = [
  'audit'
  'batches'
  'budgets'
  'catalog'
  'claims'
  'connections'
  'customers'
  'idempotency'
  'notices'
  'operations'
  'organisations'
  'plans'
  'poison'
  'policies'
  'idle'
  'reminders'
  'runs'
  'seatledger'
  'selections'
  'standings'
  'subscriptionhistory'
  'subscriptions'
  'syncs'
  'transactions'
  'users'
]
var workQueues = [
  'batches'
  'callbacks'
  'changes'
  'chunks'
  'growths'
  'nightly-connections'
  'nightly-customers'
  'webhooks'
]
var queueNames = concat(workQueues, map(workQueues, queue => '${queue}-poison'))

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: deploymentContainerName
}

resource batchContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: batchContainerName
}

@description('Dropped documents hold names of people: they go when the rows of their batches do.')
resource retention 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'dropped-batches'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${batchContainerName}/'] }
            actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 30 } } }
          }
        }
      ]
    }
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [
  for queueName in queueNames: {
    parent: queueService
    name: queueName
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01' = [
  for tableName in tableNames: {
    parent: tableService
    name: tableName
  }
]

@description('For the function app and for role assignments.')
output name string = account.name

@description('Where One Deploy puts the package.')
output deploymentContainer string = container.name

@description('Holds the batch documents that a queue drop may name.')
output batchContainer string = batchContainer.name
