package database

import (
	"errors"
	"fmt"
	"os"
)

// emptyJournals empties what a power cut left in the journals and SQLite, which
// has looked at them by now, has no use for: the journal of a transaction that
// had not begun, or of one that was finished on both media.
//
// It is done before Open returns, because SQLite does it only with the next
// transaction that changes a page. Until then OpenAlone, if the other medium is
// lost, would take a finished transaction for half a one and undo it, although
// somebody has been told of it since; and a transaction that changes no page could
// not be reported (see journalsEmpty).
func (d *DB) emptyJournals() error {
	for _, m := range d.media {
		if err := emptyJournal(journal(m.path)); err != nil {
			return fmt.Errorf("%s: emptying the journal: %w", m.name, err)
		}
	}
	return nil
}

func emptyJournal(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || (err == nil && info.Size() == 0) {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(0), f.Sync(), f.Close())
}
