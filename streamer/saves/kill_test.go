package saves

func runWorker() error { return nil }
func runGame() error   { return nil }
