package database

// OpenWeak opens the given files, one or two, with other settings than ours,
// for the tests that show what those would lose. Each setting is pragma, value,
// and the value as it is read back.
func OpenWeak(weak [][3]string, paths ...string) (*DB, error) {
	kept := settings
	defer func() { settings = kept }()
	settings = nil
	for _, s := range weak {
		settings = append(settings, setting{s[0], s[1], s[2]})
	}
	media := []medium{{"main", paths[0]}}
	if len(paths) == 2 {
		media = append(media, medium{"mirror", paths[1]})
	}
	return connect(media)
}
