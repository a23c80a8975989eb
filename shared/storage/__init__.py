"""Keep the product's state: nouns in and out of tables and queues; entities stop here."""
