package mediatest

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
)

// Partition cuts the stick into n equal parts and makes an ext4 file system on
// each. It returns their block devices. The kernel is told of the partitions directly:
// some have been built to read no partition table.
func (s *Stick) Partition(n int) ([]string, error) {
	const first, sector = 2048, 512
	each := (len(s.memory.content)/sector - first) / n
	parts := make([]string, n)
	for i := range parts {
		number := strconv.Itoa(i + 1)
		parts[i] = s.path + "p" + number
		out, err := exec.Command("addpart", s.path, number, strconv.Itoa(first+i*each), strconv.Itoa(each)).CombinedOutput()
		if errors.Is(err, exec.ErrNotFound) {
			return parts, errors.New("cutting a stick: addpart is missing: install the package util-linux")
		}
		if err != nil {
			return parts, fmt.Errorf("cutting a stick: %w: %s", err, out)
		}
		if err := format(parts[i]); err != nil {
			return parts, err
		}
	}
	return parts, nil
}
