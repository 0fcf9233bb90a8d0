package flow

import (
	"slices"
	"strings"
)

// Codes of notices. The list is closed: for each there are words in every
// language, "notice.<Code>.what" and "notice.<Code>.do". Where a Notice has Args,
// they are those named here, with values for which there are words as well.
var (
	// deviceCodes are of card reader, panel, and of whether devices may be used.
	deviceCodes = []string{"card-reader-lost", "panel-lost", "panel-restless", "printer-not-ready", "virtual-reader", "virtual-panel", "virtual-tpm", "voice-lost"}

	// printerCodes and printerFaults make two codes each, such as
	// "slip-printer-paper-out".
	printerCodes  = []string{"slip-printer-", "receipt-printer-"}
	printerFaults = []string{"paper-out", "cover-open", "cutter", "offline", "silent", "garbage", "unplugged", "broken", "refused", "not-ready"}

	// stateCodes are of what a station should tell without having been asked.
	// "tampered" and "switch-open" have "switch" (switchNames), "clock-wrong" has
	// "how" (clockNames).
	stateCodes = []string{
		"paper-low-slips", "paper-low-receipts", "tampered", "switch-open", "owed", "on-battery", "worker-called", "clock-wrong", "window-not-empty",
		"slip-stuck-window", "slip-stuck-between", "slip-wrong-bin", "storage", "databases-differ", "log-differ", "log-in-use", "machine-fault", "impossible",
		"not-provisioned", "package-wrong", "software-other",
	}

	// actCodes are of why poll workers' acts were not done. "signed-already" has
	// "number".
	actCodes = []string{"wrong-card", "card-gone", "card-not-official", "signed-already", "not-on-roll", "has-voted", "not-now", "not-looked-at"}

	keyCodes = []string{"tpm-absent", "key-absent", "key-damaged", "key-other-machine", "key-measurement", "passphrase-wrong", "passphrase-needed"}

	mediumCodes = []string{
		"medium-absent", "medium-own-disk", "medium-protected", "medium-no-room", "medium-not-labelled", "medium-other-label", "medium-in-use",
		"medium-pulled", "medium-faulty", "medium-divided", "medium-same", "medium-format", "medium-not-empty", "medium-virtual",
	}

	switchNames = []string{"rear-door", "box-door", "printer-cover", "motion"}
	clockNames  = []string{"before-build", "went-back", "wrong-day", "stopped"}
)

// unknownCode is of what has no words; Plain says it in English.
const unknownCode = "unknown"

// NoticeCodes returns the codes for which there are words, in alphabetical
// order.
func NoticeCodes() []string {
	codes := slices.Concat(deviceCodes, stateCodes, actCodes, keyCodes, mediumCodes, []string{unknownCode})
	for _, printer := range printerCodes {
		for _, fault := range printerFaults {
			codes = append(codes, printer+fault)
		}
	}
	slices.Sort(codes)
	return codes
}

// notice says in the poll workers' language what happened and what to do.
func (f *Flow) notice(n Notice) (what, do string) {
	id := "notice." + n.Code
	if !slices.Contains(NoticeCodes(), n.Code) || n.Code == unknownCode {
		return f.unknown(n)
	}
	var args []any
	for name, value := range n.Args {
		args = append(args, name, f.argument(name, value))
	}
	return f.sayWorkers(id+".what", args...), f.sayWorkers(id+".do", args...)
}

// unknown is a notice without words of its own. Its English goes with words
// that everybody can read.
func (f *Flow) unknown(n Notice) (what, do string) {
	what = f.sayWorkers("notice.unknown.what")
	if n.Plain != "" {
		what += "\n" + n.Plain
	}
	do = f.sayWorkers("notice.unknown.do")
	if n.Do != "" {
		do += "\n" + n.Do
	}
	return what, do
}

// argument is a value of a Notice in words, where it is a name.
func (f *Flow) argument(name, value string) string {
	known := map[string][]string{"switch": switchNames, "how": clockNames}[name]
	if !slices.Contains(known, value) {
		return value
	}
	return f.sayWorkers(name + "." + value)
}

// concerns reports whether a notice is of one of the two printers.
func (n Notice) concerns(printer string) bool {
	return strings.HasPrefix(n.Code, printer+"-printer-") || n.Code == "paper-low-"+printer+"s" || n.Code == "printer-not-ready"
}
