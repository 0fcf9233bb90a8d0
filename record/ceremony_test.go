package record_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

func TestCeremonyHolds(t *testing.T) {
	w := theWorld()
	m, manifest := w.election.Manifest, record.ManifestHash(w.manifest)
	j := must(w.ceremony.JointKeyOf(manifest))
	if !bytes.Equal(must(record.Marshal(j)), w.jointKey) {
		t.Error("another joint key")
	}
	for i := 1; i <= 3; i++ {
		c := w.ceremony
		for _, err := range []error{
			record.CheckEnrolment(m, i, &c.Enrolments[i-1]), record.CheckCommitment(m, manifest, i, &c.Commitments[i-1]),
			record.CheckReveal(m, manifest, i, &c.Commitments[i-1], &c.Reveals[i-1]), record.CheckConfirmation(m, j, i, &c.Confirmations[i-1]),
		} {
			if err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCeremonyRefuses(t *testing.T) {
	w := theWorld()
	m, manifest := w.election.Manifest, record.ManifestHash(w.manifest)
	reveal := func(change func(*record.Reveal)) error {
		r := copied(w.ceremony.Reveals[0].Body)
		change(&r)
		s := sign(r, as("trustee-1", trusteeKey(1)))
		return record.CheckReveal(m, manifest, 1, &w.ceremony.Commitments[0], s)
	}
	enrolment := w.ceremony.Enrolments[0]
	confirmed := *w.election.JointKey
	confirmed.Transcript[0] ^= 1
	otherKey := *w.election.JointKey
	otherKey.Key = group.Generator()
	for _, tt := range []struct {
		name string
		got  error
		want string
	}{
		{"enrolment of nobody", record.CheckEnrolment(m, 4, &enrolment), "enrolment: the manifest has no trustee 4"},
		{"enrolment of trustee 0", record.CheckEnrolment(m, 0, &enrolment), "enrolment: the manifest has no trustee 0"},
		{"other's enrolment", record.CheckEnrolment(m, 2, &enrolment), "enrolment of trustee 2: not the name and keys in the manifest"},
		{"enrolment signed by another", record.CheckEnrolment(m, 1, sign(enrolment.Body, as(record.SignerEnrolment, trusteeKey(2)))), "enrolment of trustee 1: signature of trustee does not verify"},
		{"commitment of nobody", record.CheckCommitment(m, manifest, 4, &w.ceremony.Commitments[0]), "commitment: the manifest has no trustee 4"},
		{"other's commitment", record.CheckCommitment(m, manifest, 2, &w.ceremony.Commitments[0]), "commitment of trustee 2: is trustee 1's"},
		{"commitment to another manifest", record.CheckCommitment(m, record.Hash{}, 1, &w.ceremony.Commitments[0]), "commitment of trustee 1: belongs to another manifest"},
		{"other's reveal", record.CheckReveal(m, manifest, 2, &w.ceremony.Commitments[1], &w.ceremony.Reveals[0]), "reveal of trustee 2: is trustee 1's"},
		{"a coefficient left out", reveal(func(r *record.Reveal) { r.Commitments, r.Proofs = r.Commitments[:1], r.Proofs[:1] }), "reveal of trustee 1: 1 coefficients and 3 shares instead of 2 and 3"},
		{"a share left out", reveal(func(r *record.Reveal) { r.Shares = r.Shares[:2] }), "reveal of trustee 1: 2 coefficients and 2 shares instead of 2 and 3"},
		{"other coefficients", reveal(func(r *record.Reveal) { slices.Reverse(r.Commitments) }), "reveal of trustee 1: not what was committed to"},
		{"proofs exchanged", reveal(func(r *record.Reveal) { slices.Reverse(r.Proofs) }), "reveal of trustee 1: proof of knowledge of coefficient 0 does not hold"},
		{"other's proof", reveal(func(r *record.Reveal) { r.Proofs[1] = w.ceremony.Reveals[1].Body.Proofs[1] }), "reveal of trustee 1: proof of knowledge of coefficient 1 does not hold"},
		{"confirmation of another transcript", record.CheckConfirmation(m, &confirmed, 1, &w.ceremony.Confirmations[0]), "confirmation of trustee 1: of another transcript or key"},
		{"confirmation of another key", record.CheckConfirmation(m, &otherKey, 1, &w.ceremony.Confirmations[0]), "confirmation of trustee 1: of another transcript or key"},
		{"other's confirmation", record.CheckConfirmation(m, w.election.JointKey, 3, &w.ceremony.Confirmations[0]), "confirmation of trustee 3: is trustee 1's"},
	} {
		if tt.got == nil || tt.got.Error() != tt.want {
			t.Errorf("%s: error %v, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestRoundsRefuse(t *testing.T) {
	w := theWorld()
	reveal := func(change func(*record.Reveal)) error {
		r := copied(w.ceremony.Reveals[0].Body)
		change(&r)
		return r.Validate()
	}
	for _, tt := range []struct {
		name string
		got  error
		want string
	}{
		{"nameless", record.Enrolment{}.Validate(), "name: missing, longer than 256 bytes, or not one line"},
		{"unprintable", record.Enrolment{Name: "a\x1b[2J"}.Validate(), "name: character U+001B is not allowed"},
		{"commitment", record.Commitment{Trustee: 33}.Validate(), "trustee 33: numbers go from 1 to 32"},
		{"complaint", record.Complaint{Trustee: 1, Against: -1}.Validate(), "trustee -1: numbers go from 1 to 32"},
		{"defence", record.Defence{Trustee: 0, For: 1}.Validate(), "trustee 0: numbers go from 1 to 32"},
		{"defence for nobody", record.Defence{Trustee: 1}.Validate(), "trustee 0: numbers go from 1 to 32"},
		{"confirmation of no key", record.Confirmation{Trustee: 1}.Validate(), "key: the identity is not allowed"},
		{"confirmation of the identity", record.Confirmation{Trustee: 1, Key: group.Identity()}.Validate(), "key: the identity is not allowed"},
		{"confirmation of trustee 0", record.Confirmation{Key: group.Generator()}.Validate(), "trustee 0: numbers go from 1 to 32"},
		{"reveal of trustee 0", reveal(func(r *record.Reveal) { r.Trustee = 0 }), "trustee 0: numbers go from 1 to 32"},
		{"no coefficients", reveal(func(r *record.Reveal) { r.Commitments, r.Proofs = nil, nil }), "quorum: 0 of 3 trustees"},
		{"more coefficients than shares", reveal(func(r *record.Reveal) { r.Shares = r.Shares[:1] }), "quorum: 2 of 1 trustees"},
		{"a proof left out", reveal(func(r *record.Reveal) { r.Proofs = r.Proofs[:1] }), "1 proofs for 2 commitments"},
		{"an identity", reveal(func(r *record.Reveal) { r.Commitments[1] = group.Identity() }), "commitment 1: the identity is not allowed"},
		{"a missing commitment", reveal(func(r *record.Reveal) { r.Commitments[0] = group.Element{} }), "commitment 0: the identity is not allowed"},
		{"a short share", reveal(func(r *record.Reveal) { r.Shares[2] = r.Shares[2][:79] }), "share 3: 79 bytes instead of 80"},
	} {
		if tt.got == nil || tt.got.Error() != tt.want {
			t.Errorf("%s: error %v, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestJointKeyRefuses(t *testing.T) {
	w := theWorld()
	for _, tt := range []struct {
		name   string
		change func(*record.JointKey)
		want   string
	}{
		{"version", func(j *record.JointKey) { j.Version = "" }, `joint key: version: "" instead of "referendum-v1"`},
		{"key", func(j *record.JointKey) { j.Key = group.Identity() }, "joint key: key: the identity is not allowed"},
		{"share", func(j *record.JointKey) { j.PublicShares[2] = group.Identity() }, "joint key: public share 3: the identity is not allowed"},
		{"no shares", func(j *record.JointKey) { j.PublicShares = []group.Element{} }, "joint key: 0 public shares"},
		{"33 shares", func(j *record.JointKey) { j.PublicShares = slices.Repeat([]group.Element{group.Generator()}, 33) }, "joint key: 33 public shares"},
		{"other manifest", func(j *record.JointKey) { j.Manifest[0] ^= 1 }, "joint key: belongs to another manifest"},
		{"a share too few", func(j *record.JointKey) { j.PublicShares = j.PublicShares[:2] }, "joint key: 2 public shares for 3 trustees"},
	} {
		j := must(record.ParseJointKey(w.jointKey))
		tt.change(j)
		if _, err := record.NewElection(w.manifest, must(record.Marshal(j))); err == nil || err.Error() != tt.want {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	for name, doc := range map[string]string{
		"null": "null\n", "key null": strings.Replace(string(w.jointKey), `"key":"`+w.election.JointKey.Key.String()+`"`, `"key":null`, 1),
		"no key": strings.Replace(string(w.jointKey), `"key":"`+w.election.JointKey.Key.String()+`",`, ``, 1),
	} {
		if _, err := record.NewElection(w.manifest, []byte(doc)); err == nil {
			t.Errorf("%s: parses", name)
		}
	}
	if _, err := new(record.Ceremony).JointKeyOf(record.Hash{}); err == nil || err.Error() != "joint key: no reveals" {
		t.Errorf("error %v", err)
	}
}
