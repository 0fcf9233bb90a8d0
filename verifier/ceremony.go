package verifier

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/record"
)

// ceremony makes V05 to V09.
func (v *verification) ceremony() {
	c, complete := v.rounds()
	if !complete {
		v.t.skip("V08", "V09")
		return
	}
	j, err := c.JointKeyOf(record.ManifestHash(v.manifest))
	if err == nil {
		err = v.sameKey(j)
	}
	if !v.t.see("V08", record.JointKeyFile, err) {
		v.t.skip("V09")
		return
	}
	for i := range v.e.Manifest.Trustees {
		x, err := record.ReadSigned[record.Confirmation](v.fsys, record.ConfirmationFile(i+1))
		if err == nil {
			err = record.CheckConfirmation(v.e.Manifest, j, i+1, x)
		}
		v.t.see("V09", trustee(i+1), err)
	}
}

func trustee(i int) string { return fmt.Sprintf("trustee %d", i) }

// rounds makes V05 to V07 for every trustee, and returns the transcript if all
// of it holds.
func (v *verification) rounds() (*record.Ceremony, bool) {
	c, complete := new(record.Ceremony), true
	for i := 1; i <= len(v.e.Manifest.Trustees); i++ {
		enrolment, ok := v.enrolment(i)
		commitment, reveal, also := v.commitment(i)
		if complete = complete && ok && also; complete {
			c.Enrolments = append(c.Enrolments, *enrolment)
			c.Commitments, c.Reveals = append(c.Commitments, *commitment), append(c.Reveals, *reveal)
		}
	}
	return c, complete
}

func (v *verification) enrolment(i int) (*record.Signed[record.Enrolment], bool) {
	e, err := record.ReadSigned[record.Enrolment](v.fsys, record.EnrolmentFile(i))
	if err == nil {
		err = record.CheckEnrolment(v.e.Manifest, i, e)
	}
	return e, v.t.see("V05", trustee(i), err)
}

// commitment makes V06 and V07 for one trustee: the second is compared with the
// first.
func (v *verification) commitment(i int) (*record.Signed[record.Commitment], *record.Signed[record.Reveal], bool) {
	m, hash := v.e.Manifest, record.ManifestHash(v.manifest)
	c, err := record.ReadSigned[record.Commitment](v.fsys, record.CommitmentFile(i))
	if err == nil {
		err = record.CheckCommitment(m, hash, i, c)
	}
	bound := v.t.see("V06", trustee(i), err)
	r, err := record.ReadSigned[record.Reveal](v.fsys, record.RevealFile(i))
	if err == nil && c == nil {
		v.t.skip("V07") // nothing to compare with
		return nil, nil, false
	}
	if err == nil {
		err = record.CheckReveal(m, hash, i, c, r)
	}
	return c, r, v.t.see("V07", trustee(i), err) && bound
}

func (v *verification) sameKey(j *record.JointKey) error {
	b, err := record.Marshal(j)
	if err != nil {
		return err
	}
	if record.ElectionID(v.manifest, b) != v.e.ID {
		return errors.New("not what the trustees' reveals give")
	}
	return nil
}
