package office

import (
	"errors"
	"fmt"
	"os"
)

// How a step works in the folder: beside others that import bundles, or alone.
// A bundle imported while the sums are being signed would be in the record, and
// named as missing.
const (
	beside = false
	alone  = true
)

// lock waits until no other step, of this program or another, is in the way.
// The lock is on the folder itself and ends with the program, however it ends:
// there is no file that could be left over.
func (o *Office) lock(exclusive bool) (unlock func(), err error) {
	d, err := os.Open(o.dir)
	if err != nil {
		return nil, err
	}
	if err := lockFolder(d, exclusive, true); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for other programs in %s: %w", o.dir, err), d.Close())
	}
	return func() { d.Close() }, nil
}

// tryAlone is lock(alone) that does not wait: unlock is nil if somebody else
// works in the folder.
func (o *Office) tryAlone() (unlock func(), err error) {
	d, err := os.Open(o.dir)
	if err != nil {
		return nil, err
	}
	if err := lockFolder(d, alone, false); err != nil {
		return nil, d.Close()
	}
	return func() { d.Close() }, nil
}
