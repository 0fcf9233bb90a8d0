package keygen

import (
	"errors"
	"fmt"

	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
)

// maxDocument bounds a document of one trustee, in bytes.
const maxDocument = 1 << 20

// ComplaintFile names the complaint of one trustee against another.
func ComplaintFile(by, against int) string {
	return fmt.Sprintf("ceremony/complaint-%d-%d.json", by, against)
}

// DefenceFile names the answer of a trustee to another's complaint.
func DefenceFile(by, to int) string { return fmt.Sprintf("ceremony/defence-%d-%d.json", by, to) }

// A document is one file that the ceremony can bring forth.
type document struct {
	name    string
	trustee int                  // whose it is
	check   func(b []byte) error // well formed, for this manifest, signed by the trustee
}

// documents lists all files that a ceremony of this manifest can have.
func documents(m *record.Manifest, hash record.Hash) []document {
	var all []document
	for i := range len(m.Trustees) {
		all = append(all, roundsOf(m, hash, i+1)...)
	}
	for i := range len(m.Trustees) {
		for j := range len(m.Trustees) {
			if i != j {
				all = append(all, complaintOf(m, hash, i+1, j+1), defenceOf(m, hash, i+1, j+1))
			}
		}
	}
	return all
}

// enrolments lists the files that can be there before the manifest.
func enrolments() []document {
	var all []document
	for i := 1; i <= threshold.MaxTrustees; i++ {
		all = append(all, document{record.EnrolmentFile(i), i, func(b []byte) error {
			_, err := ParseEnrolment(b)
			return err
		}})
	}
	return all
}

// ParseEnrolment decodes an enrolment and checks its signature, before there is
// a manifest to hold it against.
func ParseEnrolment(b []byte) (*record.Signed[record.Enrolment], error) {
	if len(b) > maxDocument {
		return nil, fmt.Errorf("enrolment: %d bytes, allowed are %d", len(b), maxDocument)
	}
	e, err := record.ParseSigned[record.Enrolment](b)
	if err != nil {
		return nil, err
	}
	if err := e.CheckOnly(record.Required{Signer: record.SignerEnrolment, Key: e.Body.SigningKey}); err != nil {
		return nil, fmt.Errorf("enrolment: %w", err)
	}
	return e, nil
}

func roundsOf(m *record.Manifest, hash record.Hash, i int) []document {
	return []document{
		{record.EnrolmentFile(i), i, func(b []byte) error {
			e, err := record.ParseSigned[record.Enrolment](b)
			if err != nil {
				return err
			}
			return record.CheckEnrolment(m, i, e)
		}},
		{record.CommitmentFile(i), i, func(b []byte) error {
			c, err := record.ParseSigned[record.Commitment](b)
			if err != nil {
				return err
			}
			return record.CheckCommitment(m, hash, i, c)
		}},
		{record.RevealFile(i), i, func(b []byte) error {
			r, err := record.ParseSigned[record.Reveal](b)
			if err != nil {
				return err
			}
			return checkSigner(m, hash, i, r.Body.Manifest, r.Body.Trustee, r)
		}},
		{record.ConfirmationFile(i), i, func(b []byte) error {
			c, err := record.ParseSigned[record.Confirmation](b)
			if err != nil {
				return err
			}
			return checkSigner(m, hash, i, c.Body.Manifest, c.Body.Trustee, c)
		}},
	}
}

func complaintOf(m *record.Manifest, hash record.Hash, by, against int) document {
	return document{ComplaintFile(by, against), by, func(b []byte) error {
		x, err := record.ParseSigned[record.Complaint](b)
		if err != nil {
			return err
		}
		if x.Body.Against != against {
			return fmt.Errorf("is against trustee %d", x.Body.Against)
		}
		return checkSigner(m, hash, by, x.Body.Manifest, x.Body.Trustee, x)
	}}
}

func defenceOf(m *record.Manifest, hash record.Hash, by, to int) document {
	return document{DefenceFile(by, to), by, func(b []byte) error {
		d, err := record.ParseSigned[record.Defence](b)
		if err != nil {
			return err
		}
		if d.Body.For != to {
			return fmt.Errorf("answers trustee %d", d.Body.For)
		}
		return checkSigner(m, hash, by, d.Body.Manifest, d.Body.Trustee, d)
	}}
}

// checkSigner checks whose document it is. It says nothing of the content.
func checkSigner(m *record.Manifest, want record.Hash, i int, manifest record.Hash, trustee int, s interface {
	CheckOnly(...record.Required) error
}) error {
	if manifest != want {
		return errors.New("belongs to another manifest")
	}
	if trustee != i {
		return fmt.Errorf("is trustee %d's", trustee)
	}
	return s.CheckOnly(record.Required{Signer: record.SignerTrustee(i), Key: m.Trustees[i-1].SigningKey})
}
