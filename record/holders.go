package record

import "fmt"

// A holder is whose signing key a manifest names.
type holder struct {
	trustee  int    // from 1; else 0
	station  string // else ""
	official int    // of the station, from 1; 0 for the station itself
}

func (h holder) String() string {
	switch {
	case h.trustee > 0:
		return fmt.Sprintf("trustee %d", h.trustee)
	case h.official > 0:
		return fmt.Sprintf("official %d of station %q", h.official, h.station)
	case h.station != "":
		return fmt.Sprintf("station %q", h.station)
	}
	return "the authority"
}

// checkHolders refuses a signing key in two hands: what needs the signatures of
// several would be signed by one.
func (m *Manifest) checkHolders() error {
	holders := map[Key]holder{}
	for h, k := range m.signingKeys {
		if other, ok := holders[k]; ok {
			return fmt.Errorf("%v and %v have the same key", other, h)
		}
		holders[k] = h
	}
	return nil
}

// signingKeys goes over all holders and their keys, in the manifest's order.
func (m *Manifest) signingKeys(yield func(holder, Key) bool) {
	if !yield(holder{}, m.Authority) {
		return
	}
	for i, t := range m.Trustees {
		if !yield(holder{trustee: i + 1}, t.SigningKey) {
			return
		}
	}
	for _, s := range m.Stations {
		for i, k := range append([]Key{s.Key}, s.Officials...) {
			if !yield(holder{station: s.ID, official: i}, k) {
				return
			}
		}
	}
}
