package commands_test

import (
	"go/ast"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/catalog"
	"github.com/playcast/playcast/commands/friends"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/commands/operators"
	"github.com/playcast/playcast/commands/plan"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// aggregate has the commands of one state, in the order of its life.
type aggregate struct {
	commands []any
	begin    func() life
}

// life is a stream as a handler would fold it.
type life interface {
	decide(command any, now time.Time) (events.Stream, []events.Event, error)
	evolve(events.Event)
	state() any
}

func of[S commands.State[S]](list ...commands.Command[S]) aggregate {
	a := aggregate{begin: func() life { return &lived[S]{} }}
	for _, c := range list {
		a.commands = append(a.commands, c)
	}
	return a
}

type lived[S commands.State[S]] struct{ at S }

func (l *lived[S]) decide(command any, now time.Time) (events.Stream, []events.Event, error) {
	c := command.(commands.Command[S])
	decided, err := c.Decide(l.at, now)
	return c.Target(), decided, err
}
func (l *lived[S]) evolve(e events.Event) { l.at = l.at.Evolve(e) }
func (l *lived[S]) state() any            { return l.at }

// aggregates are all there are. TestNoCommandIsForgotten.
func aggregates() []aggregate {
	return []aggregate{
		of[session.State](session.Request{}, session.Queue{}, session.Allocate{}, session.Launch{}, session.Ready{}, session.Activate{},
			session.Invite{}, session.Join{}, session.Admit{}, session.Control{}, session.Record{}, session.ReportQuality{}, session.Adapt{},
			session.Idle{}, session.Active{}, session.Warn{}, session.KeepSaves{}, session.TroubleSaves{}, session.Leave{}, session.Withdraw{},
			session.StopRecording{}, session.Pause{}, session.Resume{}, session.Interrupt{}, session.Activate{}, session.End{}, session.Finish{}, session.Fail{}),
		of[lobby.State](lobby.Create{}, lobby.Join{}, lobby.ChangeCode{}, lobby.Say{}, lobby.Choose{}, lobby.SetReady{}, lobby.Start{}, lobby.Reopen{},
			lobby.HandOver{}, lobby.Kick{}, lobby.Ban{}, lobby.Unban{}, lobby.Drop{}, lobby.Leave{}),
		of[worker.State](worker.Register{}, worker.Reserve{}, worker.Release{}, worker.Drain{}, worker.Resume{}, worker.Stop{}, worker.Lose{}),
		of[recording.State](recording.Open{}, recording.Progress{}, recording.Finish{}, recording.Cut{}, recording.Fail{}, recording.Delete{}, recording.Erase{}),
		of[billing.Account](billing.Start{}, billing.Meter{}, billing.Grant{}, billing.Limit{}, billing.Renew{}, billing.Change{}, billing.Cancel{}, billing.Keep{},
			billing.Pause{}, billing.Resume{}, billing.Unlimit{}, billing.Revoke{}, billing.End{}),
		of[plan.State](plan.Publish{}, plan.Withdraw{}),
		of[invoice.State](invoice.Draft{}, invoice.AddLine{}, invoice.Bill{}, invoice.Approve{}, invoice.Issue{}, invoice.Ask{}, invoice.Fail{}, invoice.Retry{}, invoice.Ask{},
			invoice.Succeed{}, invoice.Credit{}, invoice.IssueCredit{}, invoice.AskRefund{}, invoice.Refund{}, invoice.FailRefund{}, invoice.RetryRefund{}, invoice.GiveUp{}, invoice.GiveUpRefund{}, invoice.Exhaust{},
			invoice.WriteOff{}, invoice.Void{}, invoice.Discard{}),
		of[numbering.Series](numbering.Assign{}),
		of[catalog.State](catalog.Publish{}, catalog.LimitAge{}, catalog.Withdraw{}),
		of[catalog.Rating](catalog.Rate{}, catalog.TakeBack{}),
		of[player.State](player.ChangeProfile{}, player.Prefer{}, player.Grant{}, player.Consent{}, player.SetGuardian{}, player.TryPIN{}, player.ProvePIN{}, player.SetLimits{}, player.DeclareAge{},
			player.LiftLimits{}, player.Dissent{}, player.Revoke{}, player.Erase{}),
		of[operators.State](operators.Appoint{}, operators.Dismiss{}),
		of[presence.State](presence.Connect{}, presence.Idle{}, presence.Hide{}, presence.Enter{}, presence.LetJoin{}, presence.Exit{}, presence.Disconnect{}, presence.Settle{}, presence.Clear{}),
		of[friends.State](friends.Request{}, friends.Accept{}, friends.Withdraw{}, friends.Decline{}, friends.Remove{}, friends.Block{}, friends.Unblock{}, friends.Forget{}),
		of[poison.State](poison.Keep{}, poison.Replay{}, poison.Settle{}, poison.Drop{}),
		of[gatewaylease.State](gatewaylease.Register{}, gatewaylease.Renew{}, gatewaylease.Lose{}, gatewaylease.Stop{}),
	}
}

// policies are all there are.
func policies() []commands.Policy {
	return []commands.Policy{
		session.NewAllocation(), session.NewDeadlines(session.DefaultLimits()), billing.NewMetering(), billing.NewRenewal(), billing.NewArrears(),
		worker.NewLeases(), recording.NewClosing(), recording.NewRetention(recording.Keep{Age: time.Hour, Bytes: 1 << 20}), player.NewParental(),
		lobby.NewStarting(), lobby.NewAbsences(), invoice.NewInvoicing(0), invoice.NewNumbers(), invoice.NewCollection(invoice.DefaultLadder()), invoice.NewRefunds(invoice.DefaultLadder()),
		presence.NewSessions(), presence.NewLingering(), presence.NewStranded(), gatewaylease.NewLeases(), presence.NewErasing(), presence.NewPreferring(), friends.NewErasing(),
		billing.NewErasing(), session.NewErasing(), session.NewCrowding(),
	}
}

// TestNoCommandIsForgotten reads the packages for what decides and what is due,
// and wants each among those that are driven through any input.
func TestNoCommandIsForgotten(t *testing.T) {
	listed := map[string]bool{}
	for _, a := range aggregates() {
		for _, c := range a.commands {
			listed[reflect.TypeOf(c).String()] = true
		}
	}
	for _, p := range policies() {
		listed[strings.TrimPrefix(reflect.TypeOf(p).String(), "*")] = true
	}
	dirs, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	found := 0
	for _, dir := range slices.Compact(dirs) {
		files, err := parseDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			for _, name := range deciding(f) {
				if found++; !listed[name] {
					t.Errorf("%s is in no list of this file: nobody has tried it with bad input", name)
				}
			}
		}
	}
	if found != len(listed) {
		t.Errorf("%d commands and policies found, %d listed", found, len(listed))
	}
}

// deciding are the types of a file with a method Decide or Due.
func deciding(f *ast.File) []string {
	var found []string
	for _, d := range f.Decls {
		method, ok := d.(*ast.FuncDecl)
		if !ok || method.Recv == nil || method.Name.Name != "Decide" && method.Name.Name != "Due" {
			continue
		}
		receiver := method.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if name, ok := receiver.(*ast.Ident); ok && name.IsExported() {
			found = append(found, f.Name.Name+"."+name.Name)
		}
	}
	return found
}

func goFiles(dir string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") }), err
}
