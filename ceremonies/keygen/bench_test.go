package keygen

import "testing"

// Checking everything that is public about a ceremony, as every trustee and
// observer does.
func BenchmarkCheckCeremony3of5(b *testing.B) {
	p := finished(3, 5)
	for b.Loop() {
		if _, problems := Check(p.manifest, p.c); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// A trustee's reveal: proofs and sealed shares.
func BenchmarkReveal3of5(b *testing.B) {
	p := newPlay(3, 5)
	p.commit()
	for b.Loop() {
		must(p.seats[0].Reveal(p.c.Commitments))
	}
}

// A trustee's confirmation: checking all, opening five shares.
func BenchmarkConfirm3of5(b *testing.B) {
	p := revealed(3, 5)
	for b.Loop() {
		must(p.seats[0].Confirm(p.c))
	}
}
