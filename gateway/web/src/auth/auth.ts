import { InMemoryWebStorage, UserManager, WebStorageStateStore, type User } from "oidc-client-ts";
import type { Config, TokenSource } from "../api/client";

/** Nobody is signed in, or the sign-in could not be renewed. */
export class SignedOutError extends Error {
  constructor() {
    super("You are signed out. Sign in again to go on.");
    this.name = "SignedOutError";
  }
}

/** A token that lives no longer than this is renewed before it is used. */
const shortLife = 30;

/**
 * Who is signed in, by OIDC's authorization code flow with PKCE.
 *
 * The tokens are kept for the tab alone (sessionStorage), so that two tabs
 * never spend one refresh token twice. Auth renews the access token a minute
 * before its end; a renewal that is refused signs out.
 */
export class Auth implements TokenSource {
  private readonly manager: UserManager;
  private readonly listeners = new Set<() => void>();
  private current: User | null = null;
  private renewal: Promise<User> | undefined;
  private arrival: Promise<string> | undefined;

  constructor(config: Config, origin: string) {
    this.manager = new UserManager({
      authority: config.issuer,
      client_id: config.clientId,
      redirect_uri: `${origin}/signed-in`,
      post_logout_redirect_uri: `${origin}/`,
      response_type: "code",
      scope: config.scopes,
      automaticSilentRenew: false,
      monitorSession: false,
      accessTokenExpiringNotificationTimeInSeconds: 60,
      userStore: new WebStorageStateStore({ store: tabStorage() }),
      stateStore: new WebStorageStateStore({ store: tabStorage() }),
    });
    this.manager.events.addUserLoaded((user) => this.become(user));
    this.manager.events.addUserUnloaded(() => this.become(null));
    this.manager.events.addAccessTokenExpiring(() => void this.renew().catch(() => undefined));
  }

  /** Finds who is signed in already. */
  async restore(): Promise<void> {
    const user = await this.manager.getUser();
    if (user?.expired) {
      this.current = user;
      await this.renew().catch(() => undefined);
      return;
    }
    this.become(user);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Who is signed in, or null. Changes when a token is renewed. */
  readonly user = (): User | null => this.current;

  /** Leaves the page for the issuer's; `returnTo` is where the player wants to be afterwards. */
  signIn(returnTo: string): Promise<void> {
    return this.manager.signinRedirect({ state: returnTo });
  }

  /** Ends the sign-in on the way back from the issuer; answers where to go. May be called twice. */
  arrive(): Promise<string> {
    this.arrival ??= this.manager
      .signinRedirectCallback()
      .then((user) => (typeof user.state === "string" && user.state.startsWith("/") ? user.state : "/"));
    return this.arrival;
  }

  /** Forgets the tokens and leaves the page for the issuer's sign-out. */
  async signOut(): Promise<void> {
    await this.manager.signoutRedirect();
  }

  async token(): Promise<string> {
    const user = this.current;
    if (!user) throw new SignedOutError();
    const left = user.expires_in ?? Number.POSITIVE_INFINITY;
    if (left > shortLife) return user.access_token;
    return (await this.renew()).access_token;
  }

  private renew(): Promise<User> {
    this.renewal ??= this.spendRefreshToken().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private async spendRefreshToken(): Promise<User> {
    try {
      if (!this.current?.refresh_token) throw new SignedOutError();
      const user = await this.manager.signinSilent();
      if (!user) throw new SignedOutError();
      return user;
    } catch (error) {
      // Without a network the sign-in may still be good: keep it, and let the
      // next request try again.
      if (error instanceof TypeError) throw error;
      await this.manager.removeUser();
      throw new SignedOutError();
    }
  }

  private become(user: User | null): void {
    this.current = user;
    for (const listener of this.listeners) listener();
  }
}

/** The tab's storage, or memory where the browser forbids it. */
function tabStorage(): Storage {
  try {
    return window.sessionStorage;
  } catch {
    return new InMemoryWebStorage();
  }
}
