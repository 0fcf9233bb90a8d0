package database

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// Config says where the two copies are. Both fields are required. The paths
// must stay the same for the life of a database: SQLite's super-journal, which
// undoes a transaction on both media after a power cut, holds them.
type Config struct {
	Main   string // path of the file on the machine's own disk
	Mirror string // path of the file on the second medium
}

func (c Config) media() ([]medium, error) {
	media := []medium{{"main", c.Main}, {"mirror", c.Mirror}}
	for i := range media {
		if media[i].path == "" {
			return nil, fmt.Errorf("no path for %s", media[i].name)
		}
		path, err := realPath(media[i].path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", media[i].name, err)
		}
		media[i].path = path
	}
	if media[0].path == media[1].path {
		return nil, errors.New("main and mirror are the same file")
	}
	return media, nil
}

// realPath resolves the folder of a file as SQLite does, which writes the
// journal beside the file that is meant in the end, and whose super-journal
// holds that name.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.Base(path)), nil
}

// A medium is one copy: its schema name in SQLite, and its path.
type medium struct{ name, path string }

// inspect refuses anything but one file each. A link would hide where the
// journal is, and two names of one file are one medium.
func inspect(media []medium) error {
	var seen []os.FileInfo
	for _, m := range media {
		info, err := os.Lstat(m.path)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s: %s is not a file", m.name, m.path)
		}
		if len(seen) > 0 && os.SameFile(seen[0], info) {
			return errors.New("main and mirror are the same file")
		}
		seen = append(seen, info)
	}
	return nil
}

// fileURI never creates a file: mode=rw.
func fileURI(path string) string {
	u := url.URL{Scheme: "file", Path: path}
	return u.String() + "?mode=rw"
}
