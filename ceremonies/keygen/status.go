package keygen

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/openreferendum/referendum/record"
)

// Rounds names the rounds of the ceremony by what each trustee publishes.
var Rounds = [4]string{"enrolment", "commitment", "reveal", "confirmation"}

// A Dispute is a complaint that was made, with or without an answer.
type Dispute struct {
	Accuser, Accused int
	Defended         bool
}

// A Status says which documents of a ceremony are there. A document is there
// when it bears its trustee's signature; whether proofs and shares are right is
// another question.
type Status struct {
	Manifest *record.Manifest
	Hash     record.Hash // of the manifest
	There    [4][]bool   // by round and trustee, from 0
	Disputes []Dispute
	JointKey bool
	Problems []error // files that are no documents of this ceremony
}

// Status looks at the folder's files.
func (f Folder) Status() (*Status, error) {
	manifest, err := f.Manifest()
	if err != nil {
		return nil, err
	}
	s := &Status{Hash: record.ManifestHash(manifest), JointKey: f.has(record.JointKeyFile)}
	if s.Manifest, err = record.ParseManifest(manifest); err != nil {
		return nil, err
	}
	n := len(s.Manifest.Trustees)
	for i := 1; i <= n; i++ {
		for k, d := range roundsOf(s.Manifest, s.Hash, i) {
			s.There[k] = append(s.There[k], s.look(f, d))
		}
	}
	for i := 1; i <= n; i++ {
		for j := 1; j <= n; j++ {
			if i != j && s.look(f, complaintOf(s.Manifest, s.Hash, i, j)) {
				s.Disputes = append(s.Disputes, Dispute{i, j, s.look(f, defenceOf(s.Manifest, s.Hash, j, i))})
			}
		}
	}
	return s, nil
}

func (s *Status) look(f Folder, d document) bool {
	b, err := record.ReadFile(f.FS(), d.name, maxDocument)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err == nil {
		err = d.check(b)
	}
	if err != nil {
		s.Problems = append(s.Problems, fmt.Errorf("%s: %w", d.name, err))
	}
	return err == nil
}

// Missing lists the trustees whose document of a round is not there.
func (s *Status) Missing(round int) []int {
	var missing []int
	for i, there := range s.There[round] {
		if !there {
			missing = append(missing, i+1)
		}
	}
	return missing
}

// ErrVoid is wrapped when somebody has complained. The program says what to do
// then.
var ErrVoid = errors.New("this ceremony is void")

// Void returns an error when somebody has complained: such a ceremony is not
// continued, whoever is right, because the answer opens a share.
func (s *Status) Void() error {
	if len(s.Disputes) == 0 {
		return nil
	}
	d := s.Disputes[0]
	return fmt.Errorf("%w: trustee %d has complained about trustee %d", ErrVoid, d.Accuser, d.Accused)
}
