package adversary

import (
	"slices"
	"strings"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/rules"
)

// regroup replaces the plan: each group is written as its stations.
func (w *World) regroup(a *record.Aggregates, groups ...string) {
	cast, sums := w.scan()
	a.Aggregates = nil
	for _, g := range groups {
		stations := strings.Fields(g)
		sum, n := w.Election.Manifest.NewSum(), uint64(0)
		for _, id := range stations {
			sum.AddSum(sums[id])
			n += uint64(cast[id])
		}
		a.Aggregates = append(a.Aggregates, record.Aggregate{ID: stations[0], Stations: stations, Cast: n, Sums: sum.Ciphertexts()})
	}
}

// encryptOne returns (0, B): an encryption of 1 that needs no key.
func encryptOne(*record.Aggregates) elgamal.Ciphertext {
	return elgamal.Ciphertext{Alpha: group.Identity(), Beta: group.Generator()}
}

// decryptionAttacks change the trustees' answers.
func decryptionAttacks() []Attack {
	// answer lets trustee 2 answer, beside the two who did, and lets the result
	// be made from the others'.
	answer := func(change func(w *World, d *record.Decryption)) func(*World) {
		return func(w *World) {
			w.AnswerWith(2, func(d *record.Decryption) { change(w, d) })
			w.Inventory(func(*record.Inventory) {})
		}
	}
	wrong := func(m *group.Element) { *m = m.Add(group.Generator()) }
	return []Attack{
		{
			"wrong-partial-decryption", County, "T13", trustees, "One of trustee 2's partial decryptions is wrong. The others' answers serve, but it is named.",
			answer(func(_ *World, d *record.Decryption) { wrong(&d.Answers[1].Partials[0][1]) }),
			[]string{"V26 trustee 2"},
		},
		{
			"wrong-partial-decryption-counted", County, "T13", insiders, "One of trustee 3's partial decryptions is wrong, and the result was made with it.",
			func(w *World) {
				w.AnswerWith(3, func(d *record.Decryption) { wrong(&d.Answers[1].Partials[0][1]) })
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V26 trustee 3", "V25 record", "V27 result.json"},
		},
		{
			"decryption-proof-of-other-sum", County, "T13", trustees, "Trustee 2's proof for one sum stands at another.",
			answer(func(_ *World, d *record.Decryption) { d.Answers[0].Proof = d.Answers[1].Proof }),
			[]string{"V26 trustee 2"},
		},
		{
			"decryption-with-other-share", County, "T13", trustees, "Trustee 2 answered with trustee 3's share, and proved that.",
			func(w *World) {
				c := *w
				c.shares = slices.Clone(w.shares)
				c.shares[1] = w.shares[2]
				c.AnswerWith(2, func(*record.Decryption) {})
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V26 trustee 2"},
		},
		{
			"decryptions-swapped", County, "T13", authority, "The answers of trustees 1 and 2 are exchanged, and so one is left that can be used.",
			func(w *World) {
				w.AnswerWith(2, func(*record.Decryption) {})
				a, b := record.DecryptionFile(1), record.DecryptionFile(2)
				w.Files[a], w.Files[b] = w.Files[b], w.Files[a]
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V25 trustee 1", "V25 trustee 2", "V25 record", "V27 result.json"},
		},
		{
			"decryption-of-other-sums", County, "T13", trustees, "Trustee 2 answered another request than the one that is published.",
			answer(func(_ *World, d *record.Decryption) { d.Aggregates = record.FileHash([]byte("another request")) }),
			[]string{"V25 trustee 2"},
		},
		{
			"decryption-incomplete", County, "T13", trustees, "Trustee 2 answered one sum too few.",
			answer(func(_ *World, d *record.Decryption) { d.Answers = d.Answers[:len(d.Answers)-1] }),
			[]string{"V25 trustee 2"},
		},
		{
			"decryptions-reordered", County, "T13", trustees, "Trustee 2's answers stand in another order than the sums.",
			answer(func(_ *World, d *record.Decryption) { slices.Reverse(d.Answers) }),
			[]string{"V26 trustee 2"},
		},
		{
			"decryption-lacks-option", County, "T13", trustees, "Trustee 2's answer lacks an option.",
			answer(func(_ *World, d *record.Decryption) { d.Answers[0].Partials[0] = d.Answers[0].Partials[0][:2] }),
			[]string{"V26 trustee 2"},
		},
		{
			"decryption-of-no-trustee", County, "T13", authority, "There is an answer of a fourth trustee, where there are three.",
			func(w *World) {
				w.Files[record.DecryptionFile(4)] = w.Files[record.DecryptionFile(3)]
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V03 decryption/trustee-4.json"},
		},
		{
			"fewer-than-t-answers", County, "T13", authority, "Only one of the two answers that are needed is published.",
			func(w *World) {
				delete(w.Files, record.DecryptionFile(3))
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V25 record", "V27 result.json"},
		},
		{
			"no-answers", County, "T13", authority, "No answer of a trustee is published; the result is to be believed.",
			func(w *World) {
				w.forgetAnswers()
				w.Inventory(func(*record.Inventory) {})
			},
			[]string{"V25 record", "V27 result.json"},
		},
	}
}

// resultAttacks change what is published at the end. The authority signs it.
func resultAttacks() []Attack {
	result := func(change func(r *record.Result)) func(*World) {
		return func(w *World) { w.PublishWith(w.answering, change) }
	}
	counts, decisions := []string{"V27 result.json"}, []string{"V28 result.json"}
	return []Attack{
		{
			"result-of-other-counts", County, "T14", authority, "A vote was moved from disagree to agree in station a-1's counts, and sums and decisions follow from that.",
			func(w *World) {
				r := must(record.ComputeResult(w.Election, w.Aggregates(), w.Answers(w.answering...)))
				r.Aggregates[0].Counts[1][0]++
				r.Aggregates[0].Counts[1][1]--
				r.Questions[1].Options[0].Count++
				r.Questions[1].Options[1].Count--
				nation := rules.Counts{Registered: r.Questions[1].Registered, Cast: r.Questions[1].Cast, Options: r.Questions[1].Options}
				r.Questions[1].Decision = must(w.Election.Manifest.Questions[1].Rule.Decide(nation, nil))
				w.SignResult(r, func(*record.Result) {})
			},
			counts,
		},
		{
			"result-names-trustee-twice", County, "T14", authority, "The result was made, it says, from the answers of trustees 1, 1 and 3.",
			result(func(r *record.Result) { r.Trustees = []int{1, 1, 3} }), counts,
		},
		{
			"result-of-one-trustee", County, "T14", authority, "The result names one trustee, where two are needed.",
			result(func(r *record.Result) { r.Trustees = []int{1} }), counts,
		},
		{
			"result-names-absent-trustee", County, "T14", authority, "The result names a trustee who did not answer.",
			result(func(r *record.Result) { r.Trustees = []int{1, 2} }), counts,
		},
		{
			"result-trustees-reordered", County, "T14", authority, "The result names its trustees in descending order: a second spelling.",
			result(func(r *record.Result) { slices.Reverse(r.Trustees) }), counts,
		},
		{
			"result-hides-missing-station", Missing, "T14", authority, "The result does not say that a station is missing.",
			result(func(r *record.Result) { r.Missing = nil }), counts,
		},
		{
			"result-of-other-election", County, "T14", authority, "The result is for another election.",
			result(func(r *record.Result) { r.Election = record.FileHash([]byte("another")) }), counts,
		},
		{
			"result-by-others", County, "T14", authority, "The result is not signed by the authority.",
			func(w *World) {
				r := must(record.ParseSigned[record.Result](w.Files[record.ResultFile]))
				r.Signatures = nil
				check(r.Sign(record.SignerAuthority, signer("an impostor")))
				w.put(record.ResultFile, r)
				w.Inventory(func(*record.Inventory) {})
			},
			counts,
		},
		{
			"decision-reversed", County, "T14", authority, "A question that passed is said to have failed.",
			result(func(r *record.Result) { r.Questions[0].Decision.Passes = false }), decisions,
		},
		{
			"comparison-with-other-numbers", County, "T14", authority, "A comparison was made with another number of registered voters.",
			result(func(r *record.Result) {
				r.Questions[1].Registered = 15
				r.Questions[1].Decision.Conditions[1].AnyOf[0].Right = "15"
				r.Questions[1].Decision.Conditions[1].AnyOf[0].Holds = true
			}), decisions,
		},
		{
			"tie-break-reversed", Cantons, "T14", authority, "Of two proposals that exclude each other, the other one is said to stand.",
			result(func(r *record.Result) { r.TieBreaks[0].Stands = "initiative" }), decisions,
		},
		{
			"canton-weight-changed", Cantons, "T14", authority, "A canton is said to weigh more than the manifest says.",
			result(func(r *record.Result) { r.Questions[0].Decision.Conditions[1].AnyOf[0].Districts[0].Weight = "1" }), decisions,
		},
		{
			"result-in-upper-case", County, "T14", carrier, "The result's election is written in upper case.",
			func(w *World) {
				id := w.Election.ID.String()
				w.replaceOnce(record.ResultFile, id, strings.ToUpper(id))
				w.Inventory(func(*record.Inventory) {})
			},
			counts,
		},
	}
}
