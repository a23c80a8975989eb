metadata description = 'Who is told when a message, a growth or a night has not come to its end.'

@description('Name of the action group.')
param actionGroupName string

@description('Who is told.')
param email string

@description('The workspace that the app\'s logs are in.')
param workspaceId string

@description('Where the rules are put.')
param location string

@description('Set on every resource.')
param tags object

// Until the app has logged its first line, and after a month of silence, there is no table to ask.
// Azure switches a rule off whose query fails for a week, so an empty table stands in for it.
var traces = 'union isfuzzy=true (datatable(TimeGenerated: datetime, Message: string)[]), AppTraces'

// The sentences are those that the app and the platform log; docs/operations.md lists them.
// Each query answers lines where something is wrong: what is missing is a line too, so that no rule
// depends on how Azure counts an answer without any.
var rules = [
  {
    name: 'message-put-aside'
    about: 'A queue message could not be handled and is in a poison queue; the reason is on record.'
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
    query: '${traces} | where Message has "put aside" or Message has "MaxDequeueCount"'
  }
  {
    name: 'growth-in-review'
    about: 'A subscription holds a number of seats that nobody here planned; a batch waits for a person.'
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
    query: '${traces} | where Message startswith "audit: batch review"'
  }
  {
    name: 'somebody-has-to-look'
    about: 'A change, a night, a tenant or a return of seats is in review, or a term will not end as it was meant to; the log names the subscription or the operation.'
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
    query: '${traces} | where Message startswith "audit: alarm"'
  }
  {
    name: 'giveback-held'
    about: 'A night would have taken an unusual share of a customer\'s seats, and took none of them.'
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
    query: '${traces} | where Message startswith "event: giveback-held "'
  }
  {
    name: 'extended-term'
    about: 'Within thirty days a term goes on as a paid extended one, and nobody chose that.'
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
    query: '${traces} | where Message startswith "event: extended-term "'
  }
  {
    name: 'drift-contested'
    about: 'Somebody changes again and again what the nights put back; it was left as it is.'
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
    query: '${traces} | where Message startswith "event: drift-contested "'
  }
  {
    name: 'seats-at-risk'
    about: 'Within thirty days a renewal takes seats that are in use or promised, and the night may not keep them.'
    severity: 1
    every: 'PT15M'
    window: 'PT30M'
    query: '${traces} | where Message startswith "event: seats-at-risk "'
  }
  {
    name: 'night-not-finished'
    about: 'No night within 26 hours in which every customer of every connection came to an end.'
    severity: 2
    every: 'PT1H'
    window: 'P2D'
    query: '${traces} | where TimeGenerated > ago(26h) | where Message startswith "event: run-finished run=night-" and Message has "status=done" | summarize Nights = count() | where Nights == 0 | extend TimeGenerated = now()'
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'seatkeeper'
    enabled: true
    emailReceivers: [
      { name: 'operations', emailAddress: email, useCommonAlertSchema: true }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for rule in rules: {
    name: rule.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.about
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: rule.every
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      // In a workspace without any log yet the tables are missing too.
      skipQueryValidation: true
      actions: { actionGroups: [actionGroup.id] }
    }
  }
]
