// The one door for zod: the validation library under the vocabulary of options.

import * as z from 'zod';

export { z };
