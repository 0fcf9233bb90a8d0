package adversary

import (
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/station/stationtest"
)

// ceremonyAttacks change the transcript of the key ceremony; the joint key
// stays what it was, so ballots and counts hold.
func ceremonyAttacks() []Attack {
	return []Attack{
		{
			"enrolment-of-other-key", County, "T03", everybody, "Trustee 2 enrolled with a key that is not the manifest's.",
			func(w *World) {
				e := must(record.ParseSigned[record.Enrolment](w.Files[record.EnrolmentFile(2)]))
				e.Signatures = nil
				e.Body.SigningKey = Key("an impostor").Public()
				check(e.Sign(record.SignerEnrolment, signer("an impostor")))
				w.put(record.EnrolmentFile(2), e)
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V05 trustee 2"},
		},
		{
			"trustees-swapped", County, "T03", everybody, "Everything of trustees 1 and 2 is exchanged.",
			func(w *World) {
				for _, name := range []func(int) string{record.EnrolmentFile, record.CommitmentFile, record.RevealFile, record.ConfirmationFile} {
					w.Files[name(1)], w.Files[name(2)] = w.Files[name(2)], w.Files[name(1)]
				}
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V05 trustee 1", "V05 trustee 2", "V06 trustee 1", "V06 trustee 2", "V07 trustee 1", "V07 trustee 2"},
		},
		{
			"commitment-by-others", County, "T03", trustees, "Trustee 2's commitment is signed by trustee 1.",
			func(w *World) {
				c := must(record.ParseSigned[record.Commitment](w.Files[record.CommitmentFile(2)]))
				c.Signatures = nil
				check(c.Sign(record.SignerTrustee(2), w.trustees[0].SigningKey()))
				w.put(record.CommitmentFile(2), c)
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V06 trustee 2"},
		},
		{
			"commitment-after-reveal", County, "T03", trustees, "Trustee 2 committed to something else than it revealed: it may have chosen its key after seeing the others'.",
			func(w *World) {
				c := must(record.ParseSigned[record.Commitment](w.Files[record.CommitmentFile(2)]))
				c.Signatures = nil
				c.Body.Digest = record.FileHash([]byte("something else"))
				check(c.Sign(record.SignerTrustee(2), w.trustees[1].SigningKey()))
				w.put(record.CommitmentFile(2), c)
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V07 trustee 2"},
		},
		{
			"reveal-unproved", County, "T03", trustees, "Trustee 3 does not know its first coefficient: it may have cancelled the others' keys.",
			func(w *World) {
				w.reveal(3, func(r *record.Reveal) {
					other := group.NewSecret(group.NewScalar(5))
					r.Proofs[0] = must(proof.ProveKnowledge(stationtest.Random("corpus unproved"), record.KnowledgeContext(r.Manifest, 3, 0), other))
				})
			},
			[]string{"V07 trustee 3"},
		},
		{
			"reveal-quorum-and-trustees-swapped", County, "T03", trustees, "Trustee 1's reveal has three coefficients and two shares.",
			func(w *World) {
				w.reveal(1, func(r *record.Reveal) {
					r.Commitments = append(r.Commitments, r.Commitments[:1]...)
					r.Proofs = append(r.Proofs, r.Proofs[:1]...)
					r.Shares = r.Shares[:2]
				})
			},
			[]string{"V07 trustee 1"},
		},
		{
			"reveal-identity", County, "T03", trustees, "Trustee 1's first coefficient is the identity: it adds nothing to the key.",
			func(w *World) { w.reveal(1, func(r *record.Reveal) { r.Commitments[0] = group.Identity() }) },
			[]string{"V07 trustee 1"},
		},
		{
			"reveal-share-missing", County, "T03", trustees, "Trustee 1 sealed two shares for three trustees.",
			func(w *World) { w.reveal(1, func(r *record.Reveal) { r.Shares = r.Shares[:2] }) },
			[]string{"V07 trustee 1"},
		},
		{
			"joint-key-known-to-one", shifted, "T03", everybody, "The ballots are encrypted to the trustees' key plus one that the authority knows. Everything else follows from it honestly.",
			func(*World) {}, []string{"V08 joint-key.json"},
		},
		{
			"confirmation-of-other-transcript", County, "T04", trustees, "Trustee 2 confirmed another transcript: it has not checked these shares.",
			func(w *World) {
				c := must(record.ParseSigned[record.Confirmation](w.Files[record.ConfirmationFile(2)]))
				c.Signatures = nil
				c.Body.Transcript = record.FileHash([]byte("another transcript"))
				check(c.Sign(record.SignerTrustee(2), w.trustees[1].SigningKey()))
				w.put(record.ConfirmationFile(2), c)
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V09 trustee 2"},
		},
		{
			"confirmation-gone", County, "T04", carrier, "Trustee 3 has not confirmed.",
			func(w *World) {
				delete(w.Files, record.ConfirmationFile(3))
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V09 trustee 3", "V03 ceremony/confirmation-3.json"},
		},
	}
}

// shifted is County with a joint key that is not the ceremony's.
func shifted() Plan {
	p := County()
	p.Shift, p.Variant = 1234567, true
	return p
}

func (w *World) reveal(i int, change func(*record.Reveal)) {
	r := must(record.ParseSigned[record.Reveal](w.Files[record.RevealFile(i)]))
	r.Signatures = nil
	change(&r.Body)
	check(r.Sign(record.SignerTrustee(i), w.trustees[i-1].SigningKey()))
	w.put(record.RevealFile(i), r)
	w.Inventory(func(*record.Inventory) {})
}
