package office

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
)

// whyAnother tells, of two different bundles of a station of which the one on
// the medium is good, whether the one in the record is. A station is not accused
// of what our disk has done.
func (o *Office) whyAnother(station string) error {
	dir, err := o.station(station)
	if err == nil {
		checker, put := o.checker()
		defer put()
		_, err = checker.Recheck(dir, station)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return ErrSignedTwice
}

// same reports whether a medium holds the bundle that was imported.
func (o *Office) same(m *medium, station string) bool {
	for _, name := range tally.BundleFiles {
		if !o.sameFile(m, station, name) {
			return false
		}
	}
	return true
}

func (o *Office) sameFile(m *medium, station, name string) bool {
	there, want, err := durable.OpenFile(o.path(record.StationFile(station, name)))
	if err != nil {
		return false
	}
	defer there.Close()
	f, size, err := m.open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	return size == want && equalContent(there, f)
}

func equalContent(a, b io.Reader) bool {
	x, y := make([]byte, 1<<16), make([]byte, 1<<16)
	for {
		n, errA := io.ReadFull(a, x)
		m, errB := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false
		}
		if errA != nil || errB != nil {
			return ended(errA) && ended(errB)
		}
	}
}

func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
