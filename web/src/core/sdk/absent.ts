// SPDX-License-Identifier: EUPL-1.2
// Stands for the SDK's dependencies that this client never reaches (widgets, calls).

export class WidgetApiResponseError extends Error {}
export const WidgetApiToWidgetAction = {};
export const MatrixCapabilities = {};
export const UnstableApiVersion = {};

const absent = (): never => {
  throw new Error('not in this client');
};
export { absent as parse, absent as write };
