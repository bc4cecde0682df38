return run(function() end)
