// SPDX-License-Identifier: EUPL-1.2
// The server's own identity service, asked with a token that it gives for one of OpenID
// (identity service API, "Authentication"). One token, got when it is first needed.
import type { MatrixClient } from 'matrix-js-sdk';

export class Identity {
  private readonly client: MatrixClient;
  private token: Promise<string> | undefined;

  constructor(client: MatrixClient) {
    this.client = client;
    client.setIdentityServerUrl(client.getHomeserverUrl());
  }

  getAccessToken(): Promise<string> {
    this.token ??= this.findToken().catch((error: unknown) => {
      this.token = undefined;
      throw error;
    });
    return this.token;
  }

  private async findToken(): Promise<string> {
    const { token } = await this.client.registerWithIdentityServer(await this.client.getOpenIdToken());
    return token;
  }
}
