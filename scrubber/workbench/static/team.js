// What the pages of a team do beyond links and forms.
