package slip

import "github.com/openreferendum/referendum/record"

// words are the fixed phrases on paper, in every language that a paper can
// have. A language without words prints in English.
var words = map[string]map[string]string{
	"zh-Hant": {
		"slip": "投票單", "receipt": "收據", "challenge": "機器測試：已開封的選票", "zero-tape": "零票紙帶（開始投票）", "closing-tape": "結束紙帶（投票截止）",
		"not-taken": "未領取", "station": "投票所", "station-id": "投票所編號", "election": "選舉識別碼", "code": "確認碼", "seed": "選票種子", "software": "軟體雜湊值",
		"slip-note":      "請核對內容。此單將落入票匭，不得攜出。",
		"receipt-note":   "此收據不顯示您的選擇。公告後可用確認碼查驗您的選票是否在紀錄中。",
		"challenge-note": "此選票不計入結果。掃描條碼可查驗機器是否正確加密。",
		"rehearsal":      "演練 — 不計票", "test-deck": "測試 — 不計票", "void": "作廢", "reprint": "重印",
		"void-note":  "此投票單作廢，不計票。",
		"registered": "登記選舉人", "attendances": "已投票人數", "sessions": "操作次數", "cast": "投入選票", "challenged": "測試選票",
		"abandoned": "放棄次數", "slipsPrinted": "列印投票單", "slipsVoided": "作廢投票單",
		"empty": "票匭為空。以下為空紀錄之簽署檢查點。", "checkpoint": "簽署檢查點", "official": "選務人員簽名", "ballots-root": "選票樹根",
		"reconciles": "核對：相符", "does-not-reconcile": "核對：不符", "watchers": "監票員可攜走一份紙帶，日後與公告之紀錄比對。",
	},
	"en": {
		"slip": "Slip", "receipt": "Receipt", "challenge": "Machine test: an opened ballot", "zero-tape": "Zero tape (polls open)", "closing-tape": "Closing tape (polls closed)",
		"not-taken": "paper not taken", "station": "Station", "station-id": "Station number", "election": "Election identifier", "code": "Confirmation code", "seed": "Ballot seed", "software": "Hash of the software",
		"slip-note":      "Please check the choices. This slip drops into the box and is not taken away.",
		"receipt-note":   "This receipt does not show your choices. When the record is published, the code shows whether your ballot is in it.",
		"challenge-note": "This ballot is not counted. The QR code lets anyone check that the machine encrypted it rightly.",
		"rehearsal":      "REHEARSAL – NOT COUNTED", "test-deck": "TEST – NOT COUNTED", "void": "VOID", "reprint": "REPRINT",
		"void-note":  "This slip is void and is not counted.",
		"registered": "Registered voters", "attendances": "Voters marked", "sessions": "Sessions", "cast": "Ballots cast", "challenged": "Ballots challenged",
		"abandoned": "Sessions abandoned", "slipsPrinted": "Slips printed", "slipsVoided": "Slips voided",
		"empty": "The box is empty. Below is the signed checkpoint of the empty record.", "checkpoint": "Signed checkpoint", "official": "Poll worker's signature", "ballots-root": "Root over the ballots",
		"reconciles": "The counts reconcile", "does-not-reconcile": "THE COUNTS DO NOT RECONCILE", "watchers": "Watchers may take a copy of this tape and compare it with the published record.",
	},
}

// phrases returns the tables of the manifest's languages, each once.
func phrases(m *record.Manifest) []map[string]string {
	var tables []map[string]string
	english := false
	for _, l := range m.Languages {
		w, ok := words[l]
		if isEnglish := !ok || l == "en"; isEnglish {
			if english {
				continue
			}
			english, w = true, words["en"]
		}
		tables = append(tables, w)
	}
	return tables
}

// say returns a fixed phrase in every language of the manifest, one below the
// other.
func say(m *record.Manifest, phrase string) string {
	s := ""
	for _, w := range phrases(m) {
		s = below(s, w[phrase])
	}
	return s
}

// show returns a text of the manifest in every language, one below the other.
func show(m *record.Manifest, t record.Text) string {
	s, seen := "", map[string]bool{}
	for _, l := range m.Languages {
		if !seen[t[l]] {
			seen[t[l]] = true
			s = below(s, t[l])
		}
	}
	return s
}

func below(s, line string) string {
	if s == "" {
		return line
	}
	return s + "\n" + line
}
