package kiosk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/logbook"
	"github.com/openreferendum/referendum/station/stationlog"
)

// Recreate makes what was lost in one of the two folders again, from the other
// one: database and log. lost is 0 or 1; people have decided it
// (docs/operators/station.md, Section 6). What is there is never replaced, so
// that a medium that is wrongly called lost stays as it is; after a power cut in
// the middle, Recreate goes on. It returns the files that it wrote.
func Recreate(c *Config, election record.Hash, lost int, now time.Time) (written []string, err error) {
	files := c.DatabaseConfig()
	databases, logs := [2]string{files.Main, files.Mirror}, c.LogPaths()
	for _, file := range []struct {
		path string
		make func() error
	}{
		{databases[lost], func() error { return database.Recreate(databases[1-lost], databases[lost]) }},
		{logs[lost], func() error { return logbook.Recreate(logs[1-lost], logs[lost], election, c.Station) }},
	} {
		if _, err := os.Lstat(file.path); err == nil {
			continue
		}
		if err := file.make(); err != nil {
			return written, err
		}
		written = append(written, file.path)
	}
	if len(written) == 0 {
		return nil, fmt.Errorf("database and log in %s: %w", c.Folders[lost], fs.ErrExist)
	}
	book, err := logbook.Open(logs, election, c.Station)
	if err != nil {
		return written, err
	}
	return written, errors.Join(beginLog(book, now), book.Write(now, stationlog.CopyRecreated, stationlog.On(folders[lost])), book.Close())
}
