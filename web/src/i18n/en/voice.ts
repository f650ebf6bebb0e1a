// SPDX-License-Identifier: EUPL-1.2
import type { voice as fr } from '../fr/voice.ts';
import type { Words } from '../text.ts';

export const voice: Words<typeof fr> = {
  'voice.title': 'Voice message',
  'voice.record': 'Record a voice message',
  'voice.asking': 'Your browser asks whether the microphone may be used…',
  'voice.recording': 'Recording',
  'voice.level': 'Loudness',
  'voice.stop': 'Finish',
  'voice.send': 'Send the voice message',
  'voice.drop': 'Drop the recording',
  'voice.label': 'Voice message, {length}',
  'voice.play': 'Listen',
  'voice.pause': 'Pause',
  'voice.place': 'Position',
  'voice.at': '{at} of {length}',
};
