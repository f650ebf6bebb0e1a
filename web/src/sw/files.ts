// SPDX-License-Identifier: EUPL-1.2
// What the build puts in: the files of this version of the client, each with its hash as `integrity` of
// fetch takes it, and the name of the version, which is the hash of that list (tools/worker.ts).
declare const CHAPPE_FILES: Readonly<Record<string, string>>;
declare const CHAPPE_VERSION: string;

export const FILES = CHAPPE_FILES;
export const VERSION = CHAPPE_VERSION;
