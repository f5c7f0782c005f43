import { Button, CopyButton, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { InvitationKind, Session } from "../api/client";
import { useInvite } from "../api/people";
import { Problem } from "../ui/Notice";
import css from "./People.module.css";
import { linkOf } from "./people";

interface InvitationsProps {
  session: Session;
  onWithdraw: (invitation: string) => void;
}

/** The codes of a session's invitations that this tab has asked for: nobody tells them again. */
function keptCodes(session: string): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(`playcast.codes.${session}`) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

/** The invitations that stand, with their links where this tab has given them, and new ones. */
export function Invitations({ session, onWithdraw }: InvitationsProps) {
  const invite = useInvite(session.id);
  const [codes, setCodes] = useState(() => keptCodes(session.id));
  const give = (kind: InvitationKind) =>
    invite.mutate(kind, {
      onSuccess: ({ invitation, code }) => {
        const all = { ...codes, [invitation]: code };
        sessionStorage.setItem(`playcast.codes.${session.id}`, JSON.stringify(all));
        setCodes(all);
      },
    });
  return (
    <div className={css.invitations}>
      <div className={css.buttons}>
        <Button size="xs" variant="light" loading={invite.isPending} onClick={() => give("play")}>
          Invite to play
        </Button>
        <Button size="xs" variant="default" loading={invite.isPending} onClick={() => give("watch")}>
          Invite to watch
        </Button>
      </div>
      {invite.isError && <Problem error={invite.error} />}
      {session.people?.invitations?.map(({ id, kind }) => (
        <Invitation key={id} kind={kind} code={codes[id]} onWithdraw={() => onWithdraw(id)} />
      ))}
    </div>
  );
}

interface InvitationProps {
  kind: InvitationKind;
  code: string | undefined;
  onWithdraw: () => void;
}

function Invitation({ kind, code, onWithdraw }: InvitationProps) {
  const what = kind === "watch" ? "Link to watch" : "Link to play";
  const link = code === undefined ? "" : linkOf(kind, code, window.location.origin);
  return (
    <div className={css.invitation} data-testid={`invitation-${kind}`}>
      {link ? (
        <TextInput size="xs" readOnly value={link} label={what} className={css.link} onFocus={({ target }) => target.select()} />
      ) : (
        <Text size="sm" className={css.link}>
          {what}, given elsewhere
        </Text>
      )}
      {link && (
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy} aria-label={`Copy the ${what.toLowerCase()}`}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      )}
      <Button size="xs" variant="subtle" color="red" onClick={onWithdraw} aria-label={`Withdraw the ${what.toLowerCase()}`}>
        Withdraw
      </Button>
    </div>
  );
}
