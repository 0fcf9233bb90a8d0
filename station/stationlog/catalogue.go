package stationlog

import "slices"

// catalogue describes the events in the order of their numbers. A test holds
// docs/operators/log-events.md against it.
var catalogue = slices.Concat(machineEvents, pollsEvents, peopleEvents, deviceEvents, faultEvents, mediaEvents)

var peopleEvents = []Description{
	{OfficialIdentified, "official-identified", Notice, Success, []string{"official"}, []Row{RowAuthentication, RowIntervention, RowAccess},
		Words{"A poll worker proved a key that the manifest names, for an act that was begun. An act that two must do has two such lines, but for the identification of a voter, which has none; then comes its own, if it was done.", "Nothing."},
		Words{"選務人員為進行某項操作，以選舉資料清單所載之金鑰證明身分。須由兩人進行者有兩行（人工確認選舉人身分者不記錄）；操作完成後，接著才是該操作之紀錄。", "無須處理。"}},
	{OfficialRefused, "official-refused", Warning, Failure, nil, []Row{RowAuthentication, RowAccess},
		Words{"Somebody tried to act as a poll worker and could not prove a key that the manifest names.", "Find out who it was."},
		Words{"有人欲以選務人員身分操作，但無法以選舉資料清單所載之金鑰證明。", "查明是何人。"}},
	{WorkerCalled, "worker-called", Warning, NoOutcome, nil, []Row{RowIntervention},
		Words{"After a fault the machine called for a poll worker with the red light. A voter who asks for help does not cause this line.", "Go to the machine and deal with the line before this one."},
		Words{"發生故障，機器亮紅燈呼叫選務人員。選舉人請求協助不會產生此紀錄。", "前往機器，處理前一行所載事項。"}},
}

var faultEvents = []Description{
	{BallotNotVerified, "ballot-not-verified", Alarm, Failure, nil, []Row{RowErrors, RowIntegrity},
		Words{"The machine made a ballot that does not verify. Nothing was cast. The machine is at fault.", "Take the machine out of use and keep it as it is. Voters use another machine."},
		Words{"機器製作的選票無法通過驗證，未投入任何選票。故障在機器。", "停用該機器並保持原狀。選舉人改用其他機器。"}},
	{StorageFailed, "storage-failed", Alarm, Failure, nil, []Row{RowErrors, RowCriticalStatus},
		Words{"Something was not surely written to both media of the database, or to this log.", "Cover the window. Call for help; then start the machine again."},
		Words{"有資料無法確定已寫入資料庫的兩個媒體或本紀錄檔。", "遮蓋觀察窗並請求支援，之後重新啟動機器。"}},
	{MachineHalted, "machine-halted", Alarm, Failure, []string{"cause"}, []Row{RowErrors, RowShutdowns, RowExits, RowIntervention},
		Words{"The machine stopped and does nothing more until a person has looked and started it again.", "Two poll workers do what the screen says, then start it again. Where it says so, keep the machine as it is and call for help."},
		Words{"機器已停止運作，須由人員查看並重新啟動後才會繼續。", "由兩名選務人員依畫面指示處理後重新啟動；畫面指示保持原狀時，保持機器原狀並請求支援。"}},
	{PowerCutRecovered, "power-cut-recovered", Warning, Success, nil, []Row{RowShutdowns, RowExits, RowErrors},
		Words{"The machine was started again while the polls were open: it had been switched off, its program had ended, or it had halted. What was written is whole.", "Compare the counts on the screen with the paper list before resuming."},
		Words{"機器在投票期間重新啟動：先前曾斷電、程式中斷，或機器停止運作。已寫入之資料完整。", "恢復投票前，先核對螢幕上的計數與紙本名冊。"}},
}
