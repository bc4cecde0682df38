"""What every package stands on: settings, time, errors, SQL, Redis, the ledger, languages, HTTP."""
