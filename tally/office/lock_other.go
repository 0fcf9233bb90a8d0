//go:build !linux

package office

import (
	"errors"
	"os"
)

// lockFolder is not made for this system: the tally runs on Linux.
func lockFolder(*os.File, bool, bool) error {
	return errors.New("folders cannot be locked on this system")
}
