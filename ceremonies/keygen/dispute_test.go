package keygen

import (
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

// complain has trustee `by` sign a complaint, true or not.
func (p *play) complain(by, against int) *record.Signed[record.Complaint] {
	x := &record.Signed[record.Complaint]{Body: record.Complaint{Manifest: p.seats[by-1].hash, Trustee: by, Against: against}}
	must(0, x.Sign(record.SignerTrustee(by), p.seats[by-1].Key()))
	return x
}

// redefend has trustee 2 sign a changed defence.
func (p *play) redefend(d *record.Signed[record.Defence], change func(d *record.Defence)) *record.Signed[record.Defence] {
	e := &record.Signed[record.Defence]{Body: d.Body}
	change(&e.Body)
	must(0, e.Sign(record.SignerTrustee(2), p.seats[1].Key()))
	return e
}

// In every case trustee 1 complains about trustee 2.
func TestJudgeNamesWhoCheated(t *testing.T) {
	wrong := func(p *play) {
		p.forge(2, func(r *record.Reveal) { r.Shares[0] = p.sealTo(2, 1, p.shareOf(2, 1).Add(group.NewScalar(1))) })
	}
	honest := func(p *play, c *Case) { c.Defence = must(p.seats[1].Defend(c.Complaint)) }
	for _, test := range []struct {
		name    string
		cheat   func(p *play)
		answer  func(p *play, c *Case)
		cheater int
		why     string
	}{
		{"a wrong share, and an honest answer", wrong, honest, 2, "what it published in its defence is not what it had sealed"},
		{"a wrong share, and an answer that admits it", wrong, func(p *play, c *Case) {
			honest(p, c)
			c.Defence = p.redefend(c.Defence, func(d *record.Defence) { d.Share = d.Share.Add(group.NewScalar(1)) })
		}, 2, "the share it sealed does not fit its commitments"},
		{"a wrong share, and no answer", wrong, func(*play, *Case) {}, 2, "did not answer the complaint"},
		{"a right share, and no answer", nil, func(*play, *Case) {}, 2, "did not answer the complaint"},
		{"a right share, and an answer with another", nil, func(p *play, c *Case) {
			honest(p, c)
			c.Defence = p.redefend(c.Defence, func(d *record.Defence) { d.Share = p.shareOf(2, 3) })
		}, 2, "what it published in its defence is not what it had sealed"},
		{"a right share, and an answer with other randomness", nil, func(p *play, c *Case) {
			honest(p, c)
			c.Defence = p.redefend(c.Defence, func(d *record.Defence) { d.Randomness[0] ^= 1 })
		}, 2, "what it published in its defence is not what it had sealed"},
		{"too few coefficients", func(p *play) {
			p.forge(2, func(r *record.Reveal) { r.Commitments, r.Proofs = r.Commitments[:1], r.Proofs[:1] })
		}, honest, 2, "revealed 1 coefficients and 3 shares instead of 2 and 3"},
		{"too few shares", func(p *play) {
			p.forge(2, func(r *record.Reveal) { r.Shares = r.Shares[:2] })
		}, honest, 2, "revealed 2 coefficients and 2 shares instead of 2 and 3"},
		{"a complaint with a right share", nil, honest, 1, "the share it complained about is right"},
		{"a complaint after a confirmation", nil, func(p *play, c *Case) {
			c.Confirmation = must(p.seats[0].Confirm(p.c))
		}, 1, "has confirmed the ceremony and complained about it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := revealed(2, 3)
			if test.cheat != nil {
				test.cheat(p)
			}
			c := Case{Reveal: &p.c.Reveals[1], Complaint: p.complain(1, 2)}
			test.answer(p, &c)
			cheater, why, err := Judge(p.manifest, c)
			if err != nil || cheater != test.cheater || why != test.why {
				t.Errorf("judged %d: %s, %v; want %d: %s", cheater, why, err, test.cheater, test.why)
			}
		})
	}
}

// Documents that do not belong to the case decide nothing.
func TestJudgeRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(p *play, c *Case)
		want  string
	}{
		{"a complaint of another ceremony", func(p *play, c *Case) { c.Complaint.Body.Manifest[0] ^= 1 }, "judging: the complaint belongs to another manifest"},
		{"a complaint that somebody else signed", func(p *play, c *Case) { c.Complaint.Signatures = p.complain(3, 2).Signatures }, `judging: signature 1 is of "trustee-3" instead of "trustee-1"`},
		{"a complaint by a trustee there is not", func(p *play, c *Case) { c.Complaint.Body.Trustee = 4 }, "judging: the complaint is by or against nobody"},
		{"a complaint about oneself", func(p *play, c *Case) { c.Complaint = p.complain(2, 2) }, "judging: the complaint is against its own signer"},
		{"another trustee's reveal", func(p *play, c *Case) { c.Reveal = &p.c.Reveals[2] }, "judging: the reveal: is trustee 3's"},
		{"a rehearsal's reveal", func(p *play, c *Case) { c.Reveal = &rehearsalOf(p).c.Reveals[1] }, "judging: the reveal: belongs to another manifest"},
		{"a forged reveal", func(p *play, c *Case) { c.Reveal.Body.Shares[0][0] ^= 1 }, "judging: the reveal: signature of trustee-2 does not verify"},
		{"a defence against another trustee", func(p *play, c *Case) { c.Defence = must(p.seats[1].Defend(p.complain(3, 2))) }, "judging: the defence answers another complaint"},
		{"another trustee's defence", func(p *play, c *Case) { c.Defence = must(p.seats[2].Defend(p.complain(1, 3))) }, "judging: the defence: is trustee 3's"},
		{"a forged defence", func(p *play, c *Case) { c.Defence.Body.Randomness[0] ^= 1 }, "judging: the defence: signature of trustee-2 does not verify"},
		{"another trustee's confirmation", func(p *play, c *Case) { c.Confirmation = must(p.seats[2].Confirm(revealed(2, 3).c)) }, "judging: the confirmation: is trustee 3's"},
		{"a forged confirmation", func(p *play, c *Case) {
			c.Confirmation = must(p.seats[0].Confirm(revealed(2, 3).c))
			c.Confirmation.Body.Transcript[0] ^= 1
		}, "judging: the confirmation: signature of trustee-1 does not verify"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := revealed(2, 3)
			c := Case{Reveal: &p.c.Reveals[1], Complaint: p.complain(1, 2)}
			c.Defence = must(p.seats[1].Defend(c.Complaint))
			test.spoil(p, &c)
			cheater, _, err := Judge(p.manifest, c)
			wantError(t, err, test.want)
			if cheater != 0 {
				t.Errorf("named trustee %d", cheater)
			}
		})
	}
}

func TestDefendAnswersOnlyItsOwnComplaints(t *testing.T) {
	p := revealed(2, 3)
	_, err := p.seats[1].Defend(p.complain(1, 3))
	wantError(t, err, "defending: the complaint is against trustee 3")
	_, err = p.seats[1].Defend(rehearsalOf(p).complain(1, 2))
	wantError(t, err, "defending: the complaint belongs to another manifest")
	forged := p.complain(3, 2)
	forged.Body.Trustee = 1 // trustee 3 wants trustee 1's share in clear
	_, err = p.seats[1].Defend(forged)
	wantError(t, err, `defending: signature 1 is of "trustee-3" instead of "trustee-1"`)
}

// A defence opens one share of one void ceremony. What the same secret deals in
// the next one has nothing to do with it: no coefficient, share or randomness is
// the same.
func TestADefenceTellsNothingOfTheNextCeremony(t *testing.T) {
	p := revealed(2, 3)
	q := rehearsalOf(p) // the same secrets, another manifest
	seen := map[string]string{}
	add := func(what string, b []byte) {
		if before, ok := seen[string(b)]; ok {
			t.Errorf("%s is %s", what, before)
		}
		seen[string(b)] = what
	}
	for name, ceremony := range map[string]*play{"the void ceremony's": p, "the next ceremony's": q} {
		for i, s := range ceremony.seats {
			for _, c := range s.polynomial().Coefficients() {
				add(name+" coefficient", c.Reveal().Bytes())
			}
			for j := range ceremony.seats {
				add(name+" share", ceremony.shareOf(i+1, j+1).Bytes())
				r := s.secret.derive("seal", s.hash, j+1)
				add(name+" randomness", r[:])
				add(name+" sealed share", ceremony.c.Reveals[i].Body.Shares[j])
			}
		}
	}
	if len(seen) != 2*3*(2+3*3) {
		t.Errorf("%d values", len(seen))
	}
}
