import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fetchConfig, unwrap, type Session, type SessionState } from "../api/client";
import { wordsOf } from "../api/problem";
import { useRecordSession } from "../api/recordings";
import { useServices } from "../services";
import { IconRecord } from "../ui/icons";
import css from "./RecordTool.module.css";
import { Tool } from "./Tool";

/** Begins to record the session, with its player's consent, and stops it. */
export function RecordTool({ session }: { session: Session }) {
  const { api } = useServices();
  const [asking, setAsking] = useState(false);
  const command = useRecordSession(session.id);
  const me = useQuery({ queryKey: ["me"], queryFn: () => unwrap(api.GET("/v1/me")), staleTime: Infinity });
  const config = useQuery({ queryKey: ["config"], queryFn: fetchConfig, staleTime: Infinity });
  if (me.data?.player !== session.player || !config.data?.recordings) return null;

  const problem = command.error ? wordsOf(command.error) : "";
  const recorded = Boolean(session.recording);
  return (
    <>
      <Tool
        label={problem || (recorded ? "Stop recording" : "Record")}
        pressed={recorded}
        disabled={command.isPending || (!recorded && session.state !== "active")}
        onClick={() => (recorded ? command.mutate("stop") : setAsking(true))}
      >
        <IconRecord />
      </Tool>
      <span role="alert" className="visually-hidden">
        {problem}
      </span>
      <Consent
        opened={asking}
        onClose={() => setAsking(false)}
        onConsent={() => {
          setAsking(false);
          command.mutate("start");
        }}
      />
    </>
  );
}

interface ConsentProps {
  opened: boolean;
  onClose: () => void;
  onConsent: () => void;
}

function Consent({ opened, onClose, onConsent }: ConsentProps) {
  const [agreed, setAgreed] = useState(false);
  const close = () => {
    setAgreed(false);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title="Record this session?"
      centered
      // In full screen nothing is seen but what lies within it.
      portalProps={{ target: (document.fullscreenElement ?? document.body) as HTMLElement }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        <Text size="sm">
          Picture and sound of the game are kept from now on, until you stop, pause or end. Everybody in the session sees
          that it is recorded. You find it under Recordings, where you can delete it at any time.
        </Text>
        <Checkbox
          checked={agreed}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
          label="I agree that this session is recorded, and so does everybody who plays with me."
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            color="red"
            disabled={!agreed}
            onClick={() => {
              setAgreed(false);
              onConsent();
            }}
          >
            Record
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Tells everybody who is shown the session that it is recorded. */
export function RecordingSign({ recorded, state = "active" }: { recorded: boolean; state?: SessionState }) {
  return (
    <div role="status" className={css.place}>
      {recorded && (
        <span className={css.sign} data-resting={state !== "active"} data-testid="recording-sign">
          <span className={css.dot} aria-hidden="true" />
          {state === "paused" ? "Recording rests" : "Recording"}
        </span>
      )}
    </div>
  );
}
