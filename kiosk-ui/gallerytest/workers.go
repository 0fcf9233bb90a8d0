package gallerytest

// workersScenes are what poll workers can see, in the order of a day.
func workersScenes() []Scene { return nil }
