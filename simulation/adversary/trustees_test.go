package adversary

import (
	"slices"
	"testing"

	"github.com/openreferendum/referendum/ceremonies/decryption"
)

// TestTrusteesRefuse: what the verifier finds in manifest, ceremony, stations,
// ballots and sums, an honest trustee finds for itself, with a check of its own,
// and does not answer. Files that are not asked for, and what comes after its
// answer, are the observers' to find.
func TestTrusteesRefuse(t *testing.T) {
	later := []string{"V03", "V04", "V25", "V26", "V27", "V28"}
	worlds := map[string]*World{}
	refused := 0
	for _, a := range Attacks() {
		plan := a.Base()
		base := worlds[plan.Name]
		if base == nil || plan.Variant {
			base = Build(plan)
		}
		if !plan.Variant {
			worlds[plan.Name] = base
		}
		w, rejects := a.Play(base)
		if slices.Contains(later, rejects[0].Check) {
			continue
		}
		if _, err := decryption.Check(w.FS(), decryption.Options{Workers: 2}); err == nil {
			t.Errorf("%s: a trustee would answer", a.Name)
		}
		refused++
	}
	if refused < 60 {
		t.Errorf("only %d attacks were shown to a trustee", refused)
	}
	for name, w := range worlds {
		if _, err := decryption.Check(w.FS(), decryption.Options{}); err != nil {
			t.Errorf("%s: a trustee refuses what is right: %v", name, err)
		}
	}
}
