return run(prepare)
