package tally

import (
	"errors"
	"io/fs"

	"github.com/openreferendum/referendum/record"
)

// CheckCeremony checks the whole transcript behind the joint key, from
// enrolment to confirmation, before a count begins with it: no bundle would be
// worth anything under a key that the trustees have not made. It returns all
// problems.
func CheckCeremony(e *record.Election, dir fs.FS) error {
	c, err := record.ReadCeremony(dir, len(e.Manifest.Trustees))
	if err != nil {
		return err
	}
	manifest, err := record.ReadFile(dir, record.ManifestFile, record.MaxDocument)
	if err != nil {
		return err
	}
	m, hash := e.Manifest, record.ManifestHash(manifest)
	var problems []error
	for i := range m.Trustees {
		problems = append(problems,
			record.CheckEnrolment(m, i+1, &c.Enrolments[i]),
			record.CheckCommitment(m, hash, i+1, &c.Commitments[i]),
			record.CheckReveal(m, hash, i+1, &c.Commitments[i], &c.Reveals[i]),
		)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	j, err := c.JointKeyOf(hash)
	if err != nil {
		return err
	}
	if err := sameKey(e, manifest, j); err != nil {
		return err
	}
	for i := range m.Trustees {
		problems = append(problems, record.CheckConfirmation(m, j, i+1, &c.Confirmations[i]))
	}
	return errors.Join(problems...)
}

func sameKey(e *record.Election, manifest []byte, j *record.JointKey) error {
	b, err := record.Marshal(j)
	if err != nil {
		return err
	}
	if record.ElectionID(manifest, b) != e.ID {
		return errors.New("joint key: not what the trustees' reveals give")
	}
	return nil
}
