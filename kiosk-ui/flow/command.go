package flow

// A Command is what the station is asked to do because somebody touched
// something. Who joins screen and station carries it out; what became of it is
// in the next Situation.
type Command interface{ command() }

// The voter's commands.
type (
	// EnterPIN gives the card its PIN.
	EnterPIN struct{ Digits SecretDigits }

	// Choose is final.
	Choose struct{ Selections SecretSelections }

	// Cast casts the ballot whose slip stands behind the window.
	Cast struct{}

	// Challenge has it opened instead.
	Challenge struct{}

	// CallWorker switches the light on that calls a poll worker; AnswerCall
	// switches it off, when one has come to the screen.
	CallWorker struct{}
	AnswerCall struct{}

	// Leave ends the session of a voter who has cast and has no card to take.
	Leave struct{}
)

// The poll workers' commands.
type (
	// Begin begins an act, for which cards are then asked.
	Begin struct{ Act Act }

	// ExportTo writes the bundle to medium 1 or 2.
	ExportTo struct {
		Number int
		Source string
	}

	// IdentifyVoter begins the act in which two poll workers stand in for a
	// voter's card that does not work.
	IdentifyVoter struct {
		Holder SecretDigits // the number on the identity document
		Reason Reason
	}

	// Cancel ends an act for which not all have come.
	Cancel struct{}

	// Suspend stops the polls; VoidSession ends a voter's session.
	Suspend     struct{}
	VoidSession struct{}

	// Look looks which media are plugged in, and at the printers.
	Look struct{}

	// TestSelf makes the readiness report anew; Start tries to start again.
	TestSelf struct{}
	Start    struct{}

	// Unlock gives the passphrase of the station's key.
	Unlock struct{ Passphrase SecretDigits }
)

// A Reason is why a voter's card does not work.
type Reason string

// The reasons.
const (
	CardDamaged   Reason = "card-damaged"
	CardBlocked   Reason = "card-blocked"
	CardMissing   Reason = "card-missing"
	CardNotIssued Reason = "card-not-issued"
)

func (EnterPIN) command()      {}
func (Choose) command()        {}
func (Cast) command()          {}
func (Challenge) command()     {}
func (CallWorker) command()    {}
func (AnswerCall) command()    {}
func (Leave) command()         {}
func (Begin) command()         {}
func (ExportTo) command()      {}
func (IdentifyVoter) command() {}
func (Cancel) command()        {}
func (Suspend) command()       {}
func (VoidSession) command()   {}
func (Look) command()          {}
func (TestSelf) command()      {}
func (Start) command()         {}
func (Unlock) command()        {}

// SecretDigits is what was typed where nobody may read it. It prints as
// nothing; Export gives it out, once, and forgets it.
type SecretDigits struct{ open func() string }

func newSecretDigits(b []byte) SecretDigits {
	return SecretDigits{func() string {
		s := string(b)
		clear(b)
		return s
	}}
}

// Export returns what was typed. A second call returns what is left: zero
// bytes.
func (s SecretDigits) Export() string {
	if s.open == nil {
		return ""
	}
	return s.open()
}
