package simulation

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/crypto/proof"
)

// QuickRoom returns how many bytes on disk a quick rehearsal of the plan takes:
// every ballot on the medium and in the record, and what else there is for each
// station.
func (p *Plan) QuickRoom() uint64 {
	const forStation, forAll = 64 << 10, 1 << 20
	var shape proof.Shape
	for _, q := range p.Questions {
		shape = append(shape, len(q.Options))
	}
	return 2*uint64(p.Voters())*uint64(shape.Size()) + forStation*uint64(len(p.Stations)) + forAll
}

// Free returns how many bytes are free where the folder dir is to be made.
func Free(dir string) (uint64, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return 0, err
	}
	var st unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(path), &st); err != nil {
		return 0, fmt.Errorf("asking for the room in %s: %w", filepath.Dir(path), err)
	}
	return st.Bavail * uint64(st.Bsize), nil
}
