package keygen

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/cloudflare/circl/hpke"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/record"
)

// rawSeal seals any bytes from trustee 2 to trustee 1.
func rawSeal(p *play, b []byte) record.Bytes {
	pk := must(hpke.KEM_X25519_HKDF_SHA256.Scheme().UnmarshalBinaryPublicKey(p.m.Trustees[0].EncryptionKey[:]))
	sender := must(suite.NewSender(pk, sealInfo(p.seats[1].hash, 2, 1)))
	enc, sealer, err := sender.Setup(random("raw"))
	must(0, err)
	return append(enc, must(sealer.Seal(b, nil))...)
}

// In every case trustee 2 of three cheats, and trustee 1 is asked to confirm.
var cheats = []struct {
	name  string
	cheat func(p *play)
	want  string
}{
	// Wrong shares, which trustee 1 alone sees.
	{"a wrong share", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = p.sealTo(2, 1, p.shareOf(2, 1).Add(group.NewScalar(1))) })
	}, "confirming: the share that trustee 2 sealed is wrong: it does not fit the commitments"},
	{"the share of another trustee, sealed for this one", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = p.sealTo(2, 1, p.shareOf(2, 3)) })
	}, "confirming: the share that trustee 2 sealed is wrong: it does not fit the commitments"},
	{"what was sealed for another trustee", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0], r.Shares[2] = r.Shares[2], r.Shares[0] })
	}, "confirming: the share that trustee 2 sealed is wrong: does not open"},
	{"what another trustee sealed for this one", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = p.c.Reveals[2].Body.Shares[0] })
	}, "confirming: the share that trustee 2 sealed is wrong: does not open"},
	{"a right share sealed for another ceremony", func(p *play) {
		p.forge(2, func(r *record.Reveal) {
			r.Shares[0] = must(seal(p.m.Trustees[0].EncryptionKey, sealInfo(record.Hash{1}, 2, 1), p.shareOf(2, 1), [32]byte{1}))
		})
	}, "confirming: the share that trustee 2 sealed is wrong: does not open"},
	{"one flipped bit", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = bytes.Clone(r.Shares[0]); r.Shares[0][50] ^= 1 })
	}, "confirming: the share that trustee 2 sealed is wrong: does not open"},
	{"an encapsulated key of small order", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = append(make(record.Bytes, 32), r.Shares[0][32:]...) })
	}, "confirming: the share that trustee 2 sealed is wrong: does not open"},
	{"a share with a second encoding", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = rawSeal(p, bytes.Repeat([]byte{0xff}, 32)) })
	}, "confirming: the share that trustee 2 sealed is wrong: scalar: not below the group's order"},
	{"a share of 31 bytes", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = rawSeal(p, make([]byte, 31)) })
	}, "confirming: the share that trustee 2 sealed is wrong: 79 bytes instead of 80"},

	// Wrong documents, which everybody sees.
	{"other commitments than committed to", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Commitments[1] = r.Commitments[1].Add(group.Generator()) })
	}, "confirming: reveal of trustee 2: not what was committed to"},
	{"a rogue key, chosen after seeing the others'", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Commitments[0] = rogue(p) })
	}, "confirming: reveal of trustee 2: not what was committed to"},
	{"a rogue key, had it been known in time", func(p *play) {
		p.forgeAll(2, func(r *record.Reveal) { r.Commitments[0] = rogue(p) })
	}, "confirming: reveal of trustee 2: proof of knowledge of coefficient 0 does not hold"},
	{"another trustee's commitments and proofs", func(p *play) {
		p.forgeAll(2, func(r *record.Reveal) {
			r.Commitments, r.Proofs = p.c.Reveals[0].Body.Commitments, p.c.Reveals[0].Body.Proofs
		})
	}, "confirming: reveal of trustee 2: proof of knowledge of coefficient 0 does not hold"},
	{"another trustee's commitment", func(p *play) {
		p.recommit(2, p.c.Commitments[0].Body.Digest)
		p.forge(2, func(r *record.Reveal) { r.Commitments = p.c.Reveals[0].Body.Commitments })
	}, "confirming: reveal of trustee 2: not what was committed to"},
	{"a proof of knowledge for another coefficient", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Proofs[1] = r.Proofs[0] })
	}, "confirming: reveal of trustee 2: proof of knowledge of coefficient 1 does not hold"},
	{"a proof of knowledge made for another ceremony", func(p *play) {
		p.forge(2, func(r *record.Reveal) {
			secret := p.seats[1].polynomial().Coefficients()[0]
			r.Proofs[0] = must(proof.ProveKnowledge(random("k"), record.KnowledgeContext(record.Hash{9}, 2, 0), secret))
		})
	}, "confirming: reveal of trustee 2: proof of knowledge of coefficient 0 does not hold"},
	{"a polynomial of higher degree", func(p *play) {
		p.forgeAll(2, func(r *record.Reveal) {
			r.Commitments, r.Proofs = append(r.Commitments, group.Generator()), append(r.Proofs, r.Proofs[0])
		})
	}, "confirming: reveal of trustee 2: 3 coefficients and 3 shares instead of 2 and 3"},
	{"a polynomial of lower degree", func(p *play) {
		p.forgeAll(2, func(r *record.Reveal) { r.Commitments, r.Proofs = r.Commitments[:1], r.Proofs[:1] })
	}, "confirming: reveal of trustee 2: 1 coefficients and 3 shares instead of 2 and 3"},
	{"a share too few", func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares = r.Shares[:2] })
	}, "confirming: reveal of trustee 2: 2 coefficients and 2 shares instead of 2 and 3"},
	{"another's reveal under this number", func(p *play) {
		p.c.Reveals[1] = p.c.Reveals[2]
	}, "confirming: reveal of trustee 2: is trustee 3's"},
	{"a reveal without a signature", func(p *play) {
		p.c.Reveals[1].Signatures = nil
	}, "confirming: reveal of trustee 2: 0 signatures instead of 1"},
	{"a reveal signed by another trustee", func(p *play) {
		p.c.Reveals[1].Signatures = nil
		must(0, p.c.Reveals[1].Sign(record.SignerTrustee(2), p.seats[2].Key()))
	}, "confirming: reveal of trustee 2: signature of trustee-2 does not verify"},
	{"a commitment's signature on a reveal", func(p *play) {
		p.c.Reveals[1].Signatures = p.c.Commitments[1].Signatures
	}, "confirming: reveal of trustee 2: signature of trustee-2 does not verify"},
	{"a rehearsal's reveal", func(p *play) {
		p.c.Reveals[1] = rehearsalOf(p).c.Reveals[1]
	}, "confirming: reveal of trustee 2: belongs to another manifest"},
	{"a rehearsal's commitment", func(p *play) {
		p.c.Commitments[1] = rehearsalOf(p).c.Commitments[1]
	}, "confirming: commitment of trustee 2: belongs to another manifest\nreveal of trustee 2: not what was committed to"},
	{"an enrolment with another key than the manifest's", func(p *play) {
		p.c.Enrolments[1].Body.EncryptionKey[0] ^= 1
	}, "confirming: enrolment of trustee 2: not the name and keys in the manifest"},
	{"an enrolment that another key signed", func(p *play) {
		p.c.Enrolments[1].Signatures = p.c.Enrolments[2].Signatures
	}, "confirming: enrolment of trustee 2: signature of trustee does not verify"},
	{"a missing trustee", func(p *play) {
		p.c.Reveals = p.c.Reveals[:2]
	}, "confirming: key ceremony: 3 enrolments, 3 commitments and 2 reveals of 3 trustees"},
}

// rogue returns the K_20 with which the joint key would be [7]B, of which
// trustee 2 knows the secret half.
func rogue(p *play) group.Element {
	k := group.MulBase(group.NewScalar(7))
	for _, i := range []int{0, 2} {
		k = k.Sub(p.c.Reveals[i].Body.Commitments[0])
	}
	return k
}

// rehearsalOf plays the same trustees through a rehearsal.
func rehearsalOf(p *play) *play {
	q := newPlay(p.m.Threshold, len(p.secrets))
	q.m.Kind = record.Rehearsal
	q.manifest = must(record.Marshal(q.m))
	for i, s := range q.secrets {
		q.seats[i] = must(s.Sit(q.manifest))
	}
	q.commit()
	q.reveal()
	return q
}

func TestNobodyConfirmsAfterACheat(t *testing.T) {
	for _, c := range cheats {
		t.Run(c.name, func(t *testing.T) {
			p := revealed(2, 3)
			c.cheat(p)
			x, err := p.seats[0].Confirm(p.c)
			wantError(t, err, c.want)
			if x != nil {
				t.Error("a confirmation was made")
			}
		})
	}
}

// Each wrong share is named with its dealer; nothing else is taken for one.
func TestOnlyWrongSharesAreComplainedAbout(t *testing.T) {
	for i, c := range cheats {
		p := revealed(2, 3)
		c.cheat(p)
		wrongShare := i < 9
		if _, err := p.seats[0].Complain(p.c, 2); (err == nil) != wrongShare {
			t.Errorf("%s: complaint: %v", c.name, err)
		}
		_, err := p.seats[0].Share(p.c)
		if cheat, ok := errors.AsType[*Cheat](err); ok != wrongShare || (ok && cheat.Dealer != 2) {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, ok := errors.AsType[Flaws](err); ok == wrongShare {
			t.Errorf("%s: flaws that everybody sees: %v", c.name, ok)
		}
	}
	p := revealed(2, 3)
	_, err := p.seats[0].Complain(p.c, 2)
	wantError(t, err, "complaining: the share of trustee 2 is not what is wrong: <nil>")
	p.forge(3, func(r *record.Reveal) { r.Shares[0], r.Shares[1] = r.Shares[1], r.Shares[0] })
	_, err = p.seats[0].Complain(p.c, 2)
	wantError(t, err, "complaining: the share of trustee 2 is not what is wrong: the share that trustee 3 sealed is wrong: does not open")
}

// The identity and lists of impossible length never get past the parser.
func TestIdentityCommitmentsAreNoReveal(t *testing.T) {
	p := revealed(2, 3)
	p.forge(2, func(r *record.Reveal) { r.Commitments[1] = group.Identity() })
	_, err := record.ParseSigned[record.Reveal](must(record.Marshal(p.c.Reveals[1])))
	wantError(t, err, "reveal: commitment 1: the identity is not allowed")
}

func TestNobodyRevealsBeforeEverybodyIsBound(t *testing.T) {
	p := newPlay(2, 3)
	p.commit()
	_, err := p.seats[0].Reveal(p.c.Commitments[:2])
	wantError(t, err, "revealing: commitments of 2 trustees instead of 3")

	swapped := slices.Clone(p.c.Commitments)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	_, err = p.seats[0].Reveal(swapped)
	wantError(t, err, "revealing: commitment of trustee 2: is trustee 3's")

	p.recommit(1, record.Hash{1}) // somebody has this trustee's signing key
	_, err = p.seats[0].Reveal(p.c.Commitments)
	wantError(t, err, "revealing: the commitment under this trustee's number is not its own")
}

func TestConfirmationsMustAgree(t *testing.T) {
	sign := func(p *play, i int, change func(c *record.Confirmation)) {
		x := record.Signed[record.Confirmation]{Body: p.c.Confirmations[i-1].Body}
		change(&x.Body)
		must(0, x.Sign(record.SignerTrustee(i), p.seats[i-1].Key()))
		p.c.Confirmations[i-1] = x
	}
	for _, test := range []struct {
		name  string
		spoil func(p *play)
		want  string
	}{
		{"none", func(p *play) { p.c.Confirmations = nil }, "key ceremony: 0 of 3 trustees have confirmed"},
		{"one is missing", func(p *play) { p.c.Confirmations = p.c.Confirmations[:2] }, "key ceremony: 2 of 3 trustees have confirmed"},
		{"one stands for two", func(p *play) { p.c.Confirmations[1] = p.c.Confirmations[0] }, "confirmation of trustee 2: is trustee 1's"},
		{"another transcript", func(p *play) { sign(p, 2, func(c *record.Confirmation) { c.Transcript[0] ^= 1 }) }, "confirmation of trustee 2: of another transcript or key"},
		{"another key", func(p *play) { sign(p, 2, func(c *record.Confirmation) { c.Key = group.Generator() }) }, "confirmation of trustee 2: of another transcript or key"},
		{"another manifest", func(p *play) { sign(p, 2, func(c *record.Confirmation) { c.Manifest[0] ^= 1 }) }, "confirmation of trustee 2: belongs to another manifest"},
		{"unsigned", func(p *play) { p.c.Confirmations[1].Signatures = nil }, "confirmation of trustee 2: 0 signatures instead of 1"},
		{"the transcript was signed anew", func(p *play) {
			p.c.Enrolments[1].Body.Name = "Trustee 2" // the same; but a second signature makes other bytes
			p.c.Enrolments[1].Signatures = append(p.c.Enrolments[1].Signatures, p.c.Enrolments[1].Signatures[0])
		}, "enrolment of trustee 2: 2 signatures instead of 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := finished(2, 3)
			test.spoil(p)
			j, err := JointKey(p.manifest, p.c)
			wantError(t, err, test.want)
			if j != nil {
				t.Error("there is a joint key")
			}
		})
	}
	_, err := JointKey([]byte("{}\n"), finished(2, 3).c)
	wantError(t, err, `manifest: json: not the canonical encoding`)
}

// However many flaws there are, all are reported.
func TestAllFlawsAreReported(t *testing.T) {
	p := revealed(2, 3)
	p.forge(2, func(r *record.Reveal) { r.Proofs[0], r.Proofs[1] = r.Proofs[1], r.Proofs[0] })
	p.c.Commitments[2].Signatures = nil
	err := CheckReveals(p.m, p.seats[0].hash, p.c)
	if f, ok := errors.AsType[Flaws](err); !ok || len(f) != 2 {
		t.Errorf("flaws: %v", err)
	}
}

func TestSharesFitAndAddUp(t *testing.T) {
	p := finished(3, 5)
	j := p.joint(t)
	for i, s := range p.seats {
		share := must(s.Share(p.c))
		if !group.MulBase(share.Reveal()).Equal(j.PublicShares[i]) {
			t.Errorf("trustee %d: share and public share differ", i+1)
		}
	}
	for _, some := range [][]int{{1, 2, 3}, {5, 3, 1}, {2, 4, 5}, {1, 2, 3, 4, 5}} {
		if !group.MulBase(p.secretKey(t, some)).Equal(j.Key) {
			t.Errorf("trustees %v do not have the key", some)
		}
	}
	if group.MulBase(p.secretKey(t, []int{1, 2})).Equal(j.Key) {
		t.Error("two of 3-of-5 trustees have the key")
	}
	if threshold.CheckShare(p.c.Reveals[0].Body.Commitments, 1, group.NewSecret(group.NewScalar(0))) {
		t.Error("zero is nobody's share")
	}
}
