// SPDX-License-Identifier: EUPL-1.2
// The tests of files again, with the files in S3-compatible storage.
import { keepFilesInS3 } from './src/storage.ts';

keepFilesInS3();
await import('./media.test.ts');
