package friends

import (
	"context"

	"github.com/playcast/playcast/commands"
)

// Do carries out a command of this package for a player. It is the way for
// whoever answers them: of what was done nothing comes back, neither events nor a
// position, since both would tell of the other one.
func Do(ctx context.Context, handler *commands.Handler, command commands.Command[State], origin commands.Origin) error {
	_, err := handler.Do(ctx, commands.Issue(command, origin))
	return err
}
