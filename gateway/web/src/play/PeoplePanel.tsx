import { ActionIcon, Button, CloseButton, NativeSelect, Switch, Text, Title } from "@mantine/core";
import { controlOf, isHost, usePeopleWish, type PeopleWish } from "../api/people";
import type { Guest, Session } from "../api/client";
import { Problem } from "../ui/Notice";
import { IconRemove } from "../ui/icons";
import type { Here } from "./control";
import { Invitations } from "./Invitations";
import css from "./People.module.css";
import { nameOf, rightsOf, watchingText } from "./people";

interface PeoplePanelProps {
  session: Session;
  here: Here | undefined;
  close: () => void;
}

/** Who is in the session, what each may do, and for the host how to change that. */
export function PeoplePanel({ session, here, close }: PeoplePanelProps) {
  const wish = usePeopleWish(session.id);
  const guests = session.people?.guests ?? [];
  const host = isHost(session);
  const connected = (player: string) => here?.players.includes(player) ?? false;
  return (
    <section className={css.panel} aria-label="People in this session" data-testid="people">
      <header className={css.head}>
        <Title order={2} size="h5">
          People
        </Title>
        <CloseButton aria-label="Close the people panel" onClick={close} />
      </header>
      {wish.isError && <Problem error={wish.error} />}
      <ul className={css.list}>
        <li className={css.person}>
          <Presence on={connected(session.player)} />
          <div className={css.who}>
            <Text size="sm" fw={600}>
              {host ? "You" : (session.people?.host ?? "The host")}
            </Text>
            <Text size="xs" c="dimmed">
              Host · {hostRights(guests)}
            </Text>
          </div>
        </li>
        {guests.map((guest) => (
          <GuestRow
            key={guest.player}
            guest={guest}
            connected={connected(guest.player)}
            host={host}
            busy={wish.isPending}
            onWish={(each) => wish.mutate(each)}
          />
        ))}
      </ul>
      <Text size="sm" c="dimmed" data-testid="watching">
        {watchingText(here?.watching ?? 0)}
      </Text>
      {host && <Invitations session={session} onWithdraw={(invitation) => wish.mutate({ wish: "withdraw", invitation })} />}
    </section>
  );
}

function Presence({ on }: { on: boolean }) {
  return (
    <span className={css.dot} data-on={on}>
      <span className="visually-hidden">{on ? "connected" : "not connected"}</span>
    </span>
  );
}

interface GuestRowProps {
  guest: Guest;
  connected: boolean;
  host: boolean;
  busy: boolean;
  onWish: (wish: PeopleWish) => void;
}

function GuestRow({ guest, connected, host, busy, onWish }: GuestRowProps) {
  const name = nameOf(guest);
  return (
    <li className={css.person} data-testid="guest">
      <Presence on={connected} />
      <div className={css.who}>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {host ? (
          <div className={css.controls}>
            <Switch
              size="xs"
              label="Keyboard and mouse"
              aria-label={`Keyboard and mouse for ${name}`}
              checked={guest.keyboard}
              disabled={busy}
              onChange={({ currentTarget }) => onWish(controlOf(guest, { keyboard: currentTarget.checked }))}
            />
            <NativeSelect
              size="xs"
              aria-label={`Gamepads for ${name}`}
              value={String(guest.pads)}
              disabled={busy}
              data={[0, 1, 2, 3, 4].map((n) => ({ value: String(n), label: n === 1 ? "1 gamepad" : `${n} gamepads` }))}
              onChange={({ currentTarget }) => onWish(controlOf(guest, { pads: Number(currentTarget.value) }))}
            />
          </div>
        ) : (
          <Text size="xs" c="dimmed">
            {rightsOf(guest.keyboard, guest.pads)}
          </Text>
        )}
      </div>
      {host && (
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={`Remove ${name}`}
          disabled={busy}
          onClick={() => onWish({ wish: "remove", player: guest.player })}
        >
          <IconRemove />
        </ActionIcon>
      )}
    </li>
  );
}

/** What is left to the host of what a game takes. */
function hostRights(guests: Guest[]): string {
  const given = guests.reduce((sum, { pads }) => sum + pads, 0);
  return rightsOf(!guests.some(({ keyboard }) => keyboard), 4 - given);
}

/** A guest's way out. */
export function LeaveButton({ session, player }: { session: Session; player: string }) {
  const wish = usePeopleWish(session.id);
  return (
    <Button
      size="xs"
      variant="light"
      color="red"
      loading={wish.isPending}
      onClick={() => wish.mutate({ wish: "remove", player }, { onSuccess: () => window.location.assign("/") })}
    >
      Leave
    </Button>
  );
}
