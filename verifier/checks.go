// Package verifier makes every check that an observer makes of a published
// record, numbered as in docs/verification.md, and reports all that is wrong.
//
// It reads nothing but the record, and of that only regular files of bounded
// size: a record comes from strangers. A check that could not run counts as a
// check that failed.
//
// It shares the parsers and the equations of package record with those who make
// a record; what it does not share is how the checks are put together (see
// docs/adr/0015-verifier-and-trustee-check-apart.md).
package verifier

// A Check is one numbered check.
type Check struct {
	ID     string
	Title  string
	Of     string // what it looks at, one by one
	Shows  string // what follows when it passes
	Threat string // in docs/threat-model.md
}

// Checks lists all checks in their order; docs/verification.md is made from it.
var Checks = []Check{
	{"V01", "manifest", "manifest", "the manifest is well formed, in its one encoding", "T01"},
	{"V02", "election identifier", "joint key", "joint key and manifest belong together, and are those the observer expects, if one was named", "T01"},
	{"V03", "files", "files", "the record has the files of docs/spec/record.md, Section 1, and no others", "T02"},
	{"V04", "inventory", "files", "every file is the one the authority signed for", "T02"},
	{"V05", "enrolments", "trustees", "every trustee signed its keys, and the manifest names them", "T03"},
	{"V06", "commitments", "trustees", "every trustee was bound before it saw the others' keys", "T03"},
	{"V07", "reveals", "trustees", "every trustee opened its commitment and knows its coefficients", "T03"},
	{"V08", "joint key", "joint key", "the key that ballots are encrypted to is the one the trustees made", "T03"},
	{"V09", "confirmations", "trustees", "all trustees confirmed the same transcript, so every share is right", "T04"},
	{"V10", "stations", "stations", "every station's folder is a station of the manifest", "T05"},
	{"V11", "closing statements", "stations", "station and two officials signed the closing statement, for this election", "T05"},
	{"V12", "reconciliation", "stations", "ballots, voters marked, sessions and slips fit together", "T06"},
	{"V13", "checkpoints", "stations", "the station signed how many ballots there are, and which", "T07"},
	{"V14", "number of ballots", "stations", "no ballot was dropped or added since the closing", "T07"},
	{"V15", "order of ballots", "ballots", "the ballots stand in the order that tells nothing, and none stands twice", "T08"},
	{"V16", "root over the ballots", "stations", "every ballot is the one the station signed for", "T07"},
	{"V17", "encoding of ballots", "ballots", "every ballot is one of this manifest, in its one encoding", "T09"},
	{"V18", "selection proofs", "ballots", "every paper was not taken or has exactly one option, in this election, at this station", "T09"},
	{"V19", "ciphertexts", "ballots", "no ballot repeats a ciphertext of another, cast or challenged", "T08"},
	{"V20", "challenged ballots", "stations", "the challenged ballots are those of the closing statement", "T10"},
	{"V21", "openings", "challenged ballots", "every challenged machine had encrypted what it showed", "T10"},
	{"V22", "challenged or cast", "challenged ballots", "no ballot was both challenged and cast", "T10"},
	{"V23", "plan", "sums", "what is decrypted is what the rule for small stations allows, and stations without a bundle are named", "T11"},
	{"V24", "sums", "sums", "every sum is the sum of the ballots in it, and nothing else", "T12"},
	{"V25", "decryptions", "trustees", "at least t trustees signed an answer to these very sums", "T13"},
	{"V26", "decryption proofs", "trustees", "every partial decryption was made with the trustee's share", "T13"},
	{"V27", "counts", "sums", "the counts are what the partial decryptions give", "T14"},
	{"V28", "decisions", "questions", "every question is decided by its rule from these counts", "T14"},
}

// Status of a check in a report.
const (
	Passed = "passed"
	Failed = "failed"
	NotRun = "not run"

	// NotAsked is the status of what can only be asked of a whole record.
	NotAsked = "not asked"
)
