package stationlog

// A Row is a row of Table 15-1, "System events to log", of the Voluntary Voting
// System Guidelines 2.0 (Election Assistance Commission, 2021), which their
// Requirement 15.1-D asks for. Its row of voting events is taken apart into three here,
// because we answer two of them and not the third.
type Row int

// The rows, in the table's order of subjects.
const (
	RowErrors Row = iota + 1
	RowCriticalStatus
	RowOtherStatus
	RowIntervention
	RowShutdowns
	RowSystemSettings
	RowIntegrity
	RowFiles
	RowReadiness
	RowMedia
	RowBackups
	RowAuthentication
	RowAccess
	RowAccounts
	RowInstalling
	RowSoftwareSettings
	RowExits
	RowDatabases
	RowKeys
	RowDefinition
	RowPolls
	RowExport
	RowCasting
	RowNetworks
)

// A rowDescription says what a row asks for and, where the log has nothing for
// it, why.
type rowDescription struct {
	Row      Row
	Category string // of the table, in a word: "general", "access", "software", "cryptography", "voting", "network"
	Name     string
	WhyNot   string // empty if there are events that answer it
}

// rows describes the rows in the order of their numbers. The names are
// shortened.
var rows = []rowDescription{
	{RowErrors, "general", "Device-generated error and exception messages", ""},
	{RowCriticalStatus, "general", "Critical system status messages (start-up diagnostics, zero totals, printer errors, boot validation)", ""},
	{RowOtherStatus, "general", "Non-critical status messages", ""},
	{RowIntervention, "general", "Events that require election official intervention", ""},
	{RowShutdowns, "general", "Device shutdowns and restarts, normal and abnormal", ""},
	{RowSystemSettings, "general", "Changes to system configuration settings", "A station's program changes no setting of the machine. The one that people may have to set, the clock, is set outside of it, and written into the minutes; here it shows in the hours, and as `clock-wrong`."},
	{RowIntegrity, "general", "Integrity checks for executables, configuration files, data and logs", ""},
	{RowFiles, "general", "Addition and deletion of files", ""},
	{RowReadiness, "general", "System readiness results", ""},
	{RowMedia, "general", "Removable media inserted and removed", ""},
	{RowBackups, "general", "Backup and restore", ""},
	{RowAuthentication, "access", "Authentication: attempts that succeed and that fail", ""},
	{RowAccess, "access", "Access control: use of privileges, and attempts to exceed them", ""},
	{RowAccounts, "access", "Management of user accounts and roles", "There are none on a machine. The manifest names the poll workers' keys; nothing at a station can add, change or remove one."},
	{RowInstalling, "software", "Installing, upgrading, patching or modifying software", "Nothing is installed at a station. Another program than the one provisioned does not start the polls, and that is logged (`software-mismatch`)."},
	{RowSoftwareSettings, "software", "Changes to configuration settings, services and processes", "There is nothing to change while the program runs. What it is told at its start, the self-test shows; one program runs, and its starts and stops are logged."},
	{RowExits, "software", "Abnormal process exits", ""},
	{RowDatabases, "software", "Successful and failed database connection attempts", ""},
	{RowKeys, "cryptography", "Changes to cryptographic keys", ""},
	{RowDefinition, "voting", "Ballot definition and modification", "Ballots are defined in the manifest, which the authority signs elsewhere; a station can only load it or refuse it, and that is logged (`election-loaded`, `election-refused`)."},
	{RowPolls, "voting", "Voting events: opening and closing the polls", ""},
	{RowExport, "voting", "Voting events: success or failure of exporting the log and the results", ""},
	{RowCasting, "voting", "Voting events: casting a vote, or cancelling one while verifying it", "**Left out on purpose.** A line for each ballot is the order of the ballots; beside a watcher's list of who came when, it ties a voter to a place in that order (ADR 0011, ADR 0026). " +
		"How many were cast, challenged, abandoned and voided is on the closing tape and in the signed closing statement."},
	{RowNetworks, "network", "Networking, wireless and remote access", "A station's machine has no network and no remote access; there is nothing to switch on or off."},
}

// Category returns the subject of a row in a word, or "other".
func (r Row) Category() string {
	if r < 1 || int(r) > len(rows) {
		return "other"
	}
	return rows[r-1].Category
}

// Category returns the subject of an event in a word: that of the first row
// that it answers.
func (d Description) Category() string {
	if len(d.Answers) == 0 {
		return "other"
	}
	return d.Answers[0].Category()
}
