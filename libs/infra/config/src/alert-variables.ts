import { z } from 'zod';
import { forms, optional, secret } from './variable.js';

/** Where alerts go. */
export const alerts = {
  alertWebhookUrl: optional(
    'KWANUS_ALERT_WEBHOOK_URL',
    {
      description: 'Where alerts are delivered: raised, acknowledged, resolved, each as a signed POST.',
      shape: 'an http or https URL',
      example: 'https://pager.example.com/kwanus',
      whenUnset: 'alerts are shown, and delivered nowhere',
    },
    forms.url('https:', 'http:'),
  ),
  alertWebhookSecret: secret(
    optional(
      'KWANUS_ALERT_WEBHOOK_SECRET',
      {
        description: 'The key of the signature; the receiver has the same.',
        shape: 'at least 16 characters',
        example: 'openssl rand -base64 32',
        whenUnset: 'required together with KWANUS_ALERT_WEBHOOK_URL',
      },
      z.string().min(16, 'has fewer than 16 characters'),
    ),
  ),
};
