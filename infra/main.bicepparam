using './main.bicep'

param name = 'seatkeeper'
param apiAudience = '00000000-0000-0000-0000-000000000000'
param alertEmail = 'operations@partner.example'
param tags = {
  product: 'seatkeeper'
}
