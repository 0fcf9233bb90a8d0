package front

import (
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/hardware/media"
	"github.com/openreferendum/referendum/internal/kiosk"
	"github.com/openreferendum/referendum/kiosk-ui/flow"
	"github.com/openreferendum/referendum/station"
)

// situation says in flow's words what a View says.
func (f *Front) situation(v kiosk.View) flow.Situation {
	s := flow.Situation{
		Phase: f.now.Phase, State: v.State, CardIn: v.CardIn, Late: v.Late,
		Ask: asks[v.Ask], Tries: v.Tries, WrongPIN: v.WrongPIN, Blocked: v.Blocked, NoPIN: f.noPIN, NoCard: v.NoCard,
		Act: flow.Act(v.Act), Need: v.Need, Have: slices.Clone(v.Have), Done: flow.Act(v.Done), Said: notice(v.Said),
		SlipDue: dues[v.SlipDue], Exported: v.Exported, Counts: f.now.Counts, Media: f.now.Media, Report: f.now.Report, Unattended: f.now.Unattended,
	}
	if f.refused != nil {
		s.Said = notice(f.refused)
	}
	s.Notices = notices(v)
	if f.voiceLost {
		s.Notices = append(s.Notices, flow.Notice{Code: "voice-lost"})
	}
	if behind, there := v.Behind(); there {
		n := noticeOf(behind)
		s.Problem = &n
	}
	return s
}

var asks = map[kiosk.Ask]flow.Ask{kiosk.VoterPIN: flow.VoterPIN, kiosk.OfficialCard: flow.OfficialCard, kiosk.OfficialPIN: flow.OfficialPIN}

var dues = map[kiosk.Due]flow.Due{kiosk.DueInBox: flow.DueInBox, kiosk.DueInSpoiled: flow.DueInSpoiled}

// notice says an error for the poll workers.
func notice(err error) *flow.Notice {
	if err == nil {
		return nil
	}
	n := noticeOf(kiosk.Explain(err))
	return &n
}

func noticeOf(n kiosk.Notice) flow.Notice {
	return flow.Notice{Code: n.Code, Args: n.Args, Plain: n.What, Do: n.Do, Grave: n.Grave}
}

// notices are what poll workers should know.
func notices(v kiosk.View) []flow.Notice {
	var all []flow.Notice
	for _, n := range v.Notices() {
		all = append(all, noticeOf(n))
	}
	return all
}

func report(findings []kiosk.Finding) []flow.Finding {
	var lines []flow.Finding
	for _, f := range findings {
		lines = append(lines, flow.Finding{Part: f.Part, OK: f.OK, What: f.What, Notice: noticeOf(f.Notice)})
	}
	return lines
}

// counts are shown before the polls open, while they are suspended and when
// they are closed; while they are open, without what would say of the one
// voter between two looks whether a ballot was challenged or left.
func (f *Front) counts() *flow.Counts {
	open := false
	switch f.k.View().State.At {
	case station.Unopened, station.Suspended, station.Closed:
	case station.Idle:
		open = true
	default:
		return nil
	}
	n, err := f.k.Counts()
	if err != nil {
		return nil // the books say so themselves, where it counts
	}
	identified, err := f.k.Identified()
	if err != nil {
		return nil // the same
	}
	c := &flow.Counts{
		Identified: identified,
		Registered: int(n.Registered), Attended: int(n.Attendances), Sessions: int(n.Sessions), Cast: int(n.Cast), Challenged: int(n.Challenged),
		Abandoned: int(n.Abandoned), SlipsPrinted: int(n.SlipsPrinted), SlipsVoided: int(n.SlipsVoided),
	}
	if open {
		c.Identified, c.Sessions, c.Challenged, c.Abandoned, c.SlipsPrinted, c.SlipsVoided = -1, -1, -1, -1, -1, -1
	}
	return c
}

// plugged are the removable media that are plugged in, and the folders of a
// desk that stand for some and are there.
func plugged(folders []string) []flow.Medium {
	all, err := media.List()
	if err != nil {
		all = nil // nothing to choose from says as much
	}
	var found []flow.Medium
	for _, m := range all {
		found = append(found, flow.Medium{Source: m.Source, Name: m.Model, Bytes: m.Size, Protected: m.Protected})
	}
	for _, folder := range folders {
		var disk unix.Statfs_t
		if err := unix.Statfs(folder, &disk); err == nil {
			found = append(found, flow.Medium{Source: folder, Name: filepath.Base(folder), Bytes: int64(disk.Blocks) * disk.Bsize})
		}
	}
	return found
}
